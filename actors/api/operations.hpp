#pragma once

#include "actors/context.hpp"
#include "actors/kit/events.hpp"
#include "actors/kit/promise.hpp"
#include "actors/nodes/node_registry.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/operations.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace stravasync {

struct operations_config {
  /// Where BUDGET keeps its ledger, and the length of its short window.
  std::string budget_bucket;
  std::string budget_key;
  milliseconds window{900'000};
};

/// The state of an OPERATIONS. Spawn it with `operations`.
class operations_state {
public:
  static inline constexpr const char* name = "operations";

  explicit operations_state(
    operations_actor::stateful_pointer<operations_state> self);

  operations_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<bus> bus,
                kit::actor_tree tree, operations_config config);

private:
  void watch_nodes();
  void tidy_nodes();

  operations_actor::stateful_pointer<operations_state> self_;
  actor_context context_;
  std::shared_ptr<bus> bus_;
  kit::actor_tree tree_;
  operations_config config_;
  node_registry nodes_;
  std::shared_ptr<key_value_watch> watch_;
};

/// Shows operators the budget, the actors, the streams and the nodes.
operations_actor::behavior_type
operations(operations_actor::stateful_pointer<operations_state> self,
           actor_context context, std::shared_ptr<bus> bus,
           kit::actor_tree tree, operations_config config);

} // namespace stravasync
