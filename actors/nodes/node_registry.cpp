#include "actors/nodes/node_registry.hpp"

#include <utility>

namespace stravasync {

node_registry::node_registry(std::chrono::milliseconds lost_after,
                             std::chrono::milliseconds forget_after)
  : lost_after_{lost_after},
    forget_after_{forget_after} {
}

void node_registry::note(const key_value_change& what, time_point now) {
  query::v1::NodeList::Node node;
  if (!what.value)
    nodes_.erase(what.key);
  else if (node.ParseFromString(*what.value) && node.id() == what.key)
    nodes_.insert_or_assign(what.key, seen{std::move(node), now});
}

query::v1::NodeList node_registry::list(time_point now) const {
  query::v1::NodeList result;
  for (const auto& [id, one] : nodes_) {
    auto* node = result.add_nodes();
    *node = one.node;
    node->set_state(now - one.at > lost_after_ ? "lost" : "up");
  }
  return result;
}

bool node_registry::knows(const std::string& id) const {
  return nodes_.contains(id);
}

std::vector<std::string> node_registry::take_forgotten(time_point now) {
  std::vector<std::string> result;
  std::erase_if(nodes_, [&](const auto& entry) {
    auto gone = now - entry.second.at > forget_after_;
    if (gone)
      result.push_back(entry.first);
    return gone;
  });
  return result;
}

} // namespace stravasync
