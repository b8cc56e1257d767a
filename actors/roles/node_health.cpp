#include "actors/roles/node_health.hpp"

#include "actors/roles/groups.hpp"
#include "actors/roles/observation.hpp"

#include <functional>
#include <string>
#include <utility>

namespace stravasync {

namespace {

/// What health is read from: handles, so that it outlives `node_parts`.
struct sources {
  std::vector<actor_part> parts;
  kit::actor_tree tree;
  health_record record;
  std::shared_ptr<bus_state> link;    // Null if the bus is in this process.
  std::function<std::string()> lacks; // Of the bus; may be empty.
  wall_clock now;
};

std::vector<actor_part> actor_parts(const settings& config) {
  std::vector<actor_part> result;
  if (config.node.has(role::api)) {
    result.push_back({"database", "/api/store-writer/actor"});
    result.push_back({"database reads", "/api/store-reader/actor"});
    for (const auto& name : long_reader_names(config.store))
      result.push_back({"database reads", "/api/" + name + "/actor", true});
    result.push_back({"ingest", "/api/ingest-source"});
  }
  if (config.node.has(role::consumer))
    result.push_back({"jobs", "/consumer/job-source"});
  if (config.node.has(role::worker))
    result.push_back({"schedules", "/worker/scheduler"});
  return result;
}

sources sources_of(const node_parts& parts) {
  return {actor_parts(parts.config),
          parts.tree,
          parts.health,
          parts.link.questions ? parts.state_of_bus : nullptr,
          parts.link.lacks,
          parts.context.now};
}

std::vector<readiness> read(const sources& from) {
  std::vector<readiness> result;
  // Of actors that work for one part, the part tells what is wrong with any.
  merge(result, readiness_of(from.tree, from.parts, from.now()));
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
