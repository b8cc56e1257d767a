#pragma once

#include "actors/roles/groups.hpp"
#include "actors/roles/parts.hpp"
#include "actors/roles/stop_signals.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <memory>
#include <vector>

namespace stravasync {

/// The actors of a node, from start to stop: one group for each of its roles.
/// Who stands behind a handle, an actor of this process or a proxy for one on
/// another node, is decided in its constructor and nowhere else.
class node_actors {
public:
  /// Starts them all. If they give up, it tells `signals`.
  node_actors(node_parts parts, stop_signals& signals);

  node_actors(const node_actors&) = delete;
  node_actors& operator=(const node_actors&) = delete;

  ~node_actors();

  /// Stops all actors, sources first; returns when they have ended.
  void stop();

  /// What edges ask; null without role api.
  [[nodiscard]] api_service* service() {
    return bridge_.get();
  }

  [[nodiscard]] feed_hub& hub() {
    return *hub_;
  }

  [[nodiscard]] const node_parts& parts() const {
    return parts_;
  }

  /// What the nodes share; "unavailable" without role api. Any thread.
  void look_at_cluster(
    completion<std::shared_ptr<const cluster_figures>> done) const;

  /// Each part that a node of these roles needs, and what it lacks.
  [[nodiscard]] std::vector<readiness> ready() const;

private:
  // In the order in which they must outlive each other.
  std::shared_ptr<feed_hub> hub_ = std::make_shared<feed_hub>();
  node_parts parts_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  std::unique_ptr<api_service> bridge_;
  caf::actor root_;
  caf::actor edge_;
  cluster_figures_actor figures_;
};

} // namespace stravasync
