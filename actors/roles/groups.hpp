#pragma once

#include "actors/api/cluster_figures.hpp"
#include "actors/api/feed.hpp"
#include "actors/api/store_access.hpp"
#include "actors/kit/supervisor.hpp"
#include "actors/roles/api_bridge.hpp"
#include "actors/roles/parts.hpp"
#include "actors/worker/slots.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>
#include <vector>

/// @file
/// The actor groups, one function each. Actors learn here, and nowhere else,
/// who they talk to.

namespace stravasync {

/// The api group and what others need of it.
struct api_group {
  std::vector<kit::child_spec> children;
  caf::actor edge;
  api_actors actors;
  tokens_actor tokens;
  cluster_figures_actor figures;
  store_access store;
};

[[nodiscard]] api_group
make_api_group(caf::actor_system& system, const node_parts& parts,
               std::shared_ptr<feed_hub> hub);

/// What every node runs, whatever its roles.
[[nodiscard]] std::vector<kit::child_spec>
make_node_group(caf::actor_system& system, const node_parts& parts);

/// @param tokens Of this process, or a proxy for those of the api nodes.
[[nodiscard]] std::vector<kit::child_spec>
make_consumer_group(caf::actor_system& system, const node_parts& parts,
                    const tokens_actor& tokens);

/// @param athletes Of this process, or a proxy for those of the api nodes.
[[nodiscard]] std::vector<kit::child_spec>
make_worker_group(caf::actor_system& system, const node_parts& parts,
                  const athletes_actor& athletes);

/// Finds out what of this node's needs does not work while nothing uses it.
/// @param edge,store Of the api group; null without that role.
[[nodiscard]] std::vector<kit::child_spec>
make_health_group(caf::actor_system& system, const node_parts& parts,
                  const caf::actor& edge, const store_access& store);

/// @returns the schedules that the settings ask for.
[[nodiscard]] std::vector<schedule> make_schedules(const sync_settings& config);

/// @returns how long one actor may take to finish what it has in hand: half of
/// what the node has, so that one that hangs leaves time to stop the others.
[[nodiscard]] inline milliseconds drain_of(const settings& config) {
  return config.node.drain_deadline / 2;
}

/// @returns the actors that read beside "store-reader" and begin when they are
/// needed.
[[nodiscard]] inline std::vector<std::string>
long_reader_names(const store_settings& config) {
  std::vector<std::string> result;
  for (auto number = 2U; number <= config.readers_count(); ++number)
    result.push_back("store-reader-" + std::to_string(number));
  return result;
}

/// How soon a supervisor gives up is one choice for all groups.
[[nodiscard]] kit::supervisor_config
supervision(const kit::actor_observer& observer);

} // namespace stravasync
