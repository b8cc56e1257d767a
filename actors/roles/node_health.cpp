#include "actors/roles/node_health.hpp"

#include "actors/roles/observation.hpp"

#include <functional>
#include <set>
#include <string>
#include <utility>

namespace stravasync {

namespace {

/// What health is read from: handles, so that it outlives `node_parts`.
struct sources {
  std::set<role> roles;
  kit::actor_tree tree;
  health_record record;
  std::shared_ptr<bus_state> link;    // Null if the bus is in this process.
  std::function<std::string()> lacks; // Of the bus; may be empty.
  wall_clock now;
};

sources sources_of(const node_parts& parts) {
  return {parts.config.node.roles,
          parts.tree,
          parts.health,
          parts.link.questions ? parts.state_of_bus : nullptr,
          parts.link.lacks,
          parts.context.now};
}

std::vector<actor_part> actor_parts(const std::set<role>& roles) {
  std::vector<actor_part> result;
  if (roles.contains(role::api)) {
    result.push_back({"database", "/api/store-writer/actor"});
    result.push_back({"database reads", "/api/store-reader/actor"});
    result.push_back({"ingest", "/api/ingest-source"});
  }
  if (roles.contains(role::consumer))
    result.push_back({"jobs", "/consumer/job-source"});
  if (roles.contains(role::worker))
    result.push_back({"schedules", "/worker/scheduler"});
  return result;
}

std::vector<readiness> read(const sources& from) {
  auto result = readiness_of(from.tree, actor_parts(from.roles), from.now());
  if (from.link) {
    auto bus = from.link->part();
    if (bus.works() && from.lacks)
      bus.problem = from.lacks();
    result.push_back(std::move(bus));
  }
  merge(result, from.record.parts());
  return result;
}

} // namespace

std::vector<readiness> health_of(const node_parts& parts) {
  return read(sources_of(parts));
}

known_actors actors_of(const node_parts& parts) {
  return {parts.context.node, parts.tree, parts.context.statistics,
          [from = sources_of(parts)] { return read(from); }};
}

} // namespace stravasync
