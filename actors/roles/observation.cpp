#include "actors/roles/observation.hpp"

#include "actors/kit/fault.hpp"

#include <algorithm>

namespace stravasync {

namespace {

using kit::run_state;

bool was_working(run_state state) {
  return state == run_state::up || state == run_state::starting;
}

std::string sentence(const kit::actor_event& event) {
  return event.path + " is " + to_string(event.to)
         + (event.to == run_state::down ? ": " + kit::describe(event.reason)
                                        : std::string{});
}

void tell(log& journal, const kit::actor_event& event) {
  if (event.to == run_state::down && was_working(event.from))
    return journal.warning(
      "an actor is down",
      {{"path", event.path},
       {"reason", kit::describe(event.reason)},
       {"retry_in_ms", static_cast<std::int64_t>(event.retry_after.count())}});
  if (event.to == run_state::up && event.restarts > 0)
    return journal.info(
      "an actor is up again",
      {{"path", event.path},
       {"restarts", static_cast<std::int64_t>(event.restarts)}});
  journal.debug("an actor changed", {{"path", event.path},
                                     {"from", to_string(event.from)},
                                     {"to", to_string(event.to)}});
}

} // namespace

kit::actor_observer
make_observer(kit::actor_tree tree, std::shared_ptr<log> journal,
              std::shared_ptr<feed_hub> hub) {
  return [=](const kit::actor_event& event) {
    tree.note(event);
    tell(*journal, event);
    if (event.to == run_state::down || event.to == run_state::up) {
      feed_event news;
      news.kind = "guardian";
      news.text = sentence(event);
      hub->emit(news);
    }
  };
}

std::vector<readiness>
readiness_of(const kit::actor_tree& tree,
             const std::vector<readiness>& paths_and_names) {
  auto nodes = tree.snapshot();
  std::vector<readiness> result;
  for (const auto& [part, path] : paths_and_names) {
    auto found = std::ranges::find(nodes, path, &kit::actor_node::path);
    auto problem = std::string{};
    if (found == nodes.end())
      problem = "has not started yet";
    else if (found->state != run_state::up)
      problem = found->last_error.empty() ? to_string(found->state)
                                          : found->last_error;
    result.push_back({part, std::move(problem)});
  }
  return result;
}

std::vector<telemetry::sample_family>
actor_families(const kit::actor_tree& tree,
               const kit::actor_statistics& statistics) {
  using family = telemetry::sample_family;
  constexpr auto ns_per_s = 1e9;
  family up{"stravasync_actor_up",
            "1 if the supervised actor runs.",
            family::kind::gauge,
            {}};
  family restarts{"stravasync_actor_restarts_total",
                  "How often the actor was started again.",
                  family::kind::counter,
                  {}};
  for (const auto& node : tree.snapshot()) {
    auto labels = telemetry::label_map{{"path", node.path}};
    up.samples.push_back({labels, node.state == run_state::up ? 1.0 : 0.0});
    restarts.samples.push_back({labels, static_cast<double>(node.restarts)});
  }
  family handled{"stravasync_actor_messages_total",
                 "Messages handled, by class of actor.",
                 family::kind::counter,
                 {}};
  family failed{"stravasync_actor_failures_total",
                "Messages answered with an error, by class of actor.",
                family::kind::counter,
                {}};
  family busy{"stravasync_actor_busy_seconds_total",
              "Time spent in handlers, by class of actor.",
              family::kind::counter,
              {}};
  for (const auto& one : statistics.snapshot()) {
    auto labels = telemetry::label_map{{"class", one.actor_class}};
    handled.samples.push_back({labels, static_cast<double>(one.handled)});
    failed.samples.push_back({labels, static_cast<double>(one.failed)});
    busy.samples.push_back(
      {labels, static_cast<double>(one.busy.count()) / ns_per_s});
  }
  return {up, restarts, handled, failed, busy};
}

} // namespace stravasync
