#include "actors/kit/events.hpp"

#include "actors/kit/fault.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace kit {

std::string to_string(run_state state) {
  switch (state) {
    case run_state::idle:
      return "idle";
    case run_state::starting:
      return "starting";
    case run_state::probing:
      return "probing";
    case run_state::up:
      return "up";
    case run_state::down:
      return "down";
    case run_state::stopping:
      return "stopping";
    case run_state::stopped:
      return "stopped";
  }
  return "unknown";
}

struct actor_tree::nodes {
  struct entry {
    actor_node node;
    std::chrono::steady_clock::time_point retry_at;
  };
  std::mutex mutex;
  std::map<std::string, entry, std::less<>> by_path;
};

actor_tree::actor_tree() : nodes_{std::make_shared<nodes>()} {
}

void actor_tree::note(const actor_event& event) const {
  const auto guard = std::lock_guard{nodes_->mutex};
  auto& [node, retry_at] = nodes_->by_path[event.path];
  if ((event.to == run_state::up) != (node.state == run_state::up))
    node.since = std::chrono::system_clock::now();
  node.path = event.path;
  if (!event.actor_class.empty())
    node.actor_class = event.actor_class;
  node.state = event.to;
  node.restarts = event.restarts;
  node.dropped += event.dropped;
  if (event.reason)
    node.last_error = describe(event.reason);
  retry_at = std::chrono::steady_clock::now() + event.retry_after;
}

std::vector<actor_node> actor_tree::snapshot() const {
  std::vector<actor_node> result;
  const auto guard = std::lock_guard{nodes_->mutex};
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [path, entry] : nodes_->by_path) {
    auto& node = result.emplace_back(entry.node);
    if (node.state == run_state::down)
      node.retry_after = std::max(
        std::chrono::ceil<std::chrono::milliseconds>(entry.retry_at - now),
        std::chrono::milliseconds{0});
  }
  return result;
}

} // namespace kit
