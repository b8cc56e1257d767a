#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/nodes/actor_report.hpp"
#include "actors/nodes/node_registry.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/requests.hpp"
#include "actors/protocols/operations.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

/// Calls per short window and per day, as the settings have them.
struct budget_limits {
  std::uint32_t short_read = 0;
  std::uint32_t short_overall = 0;
  std::uint32_t day_read = 0;
  std::uint32_t day_overall = 0;
};

struct operations_config {
  /// Where BUDGET keeps its ledger, and the length of its short window.
  std::string budget_bucket;
  std::string budget_key;
  milliseconds window{900'000};
  /// Shown as long as the ledger has none: BUDGET begins with them.
  budget_limits limits;
  /// How long another node may take to tell of its actors.
  milliseconds node_deadline{2'000};
};

/// The state of an OPERATIONS. Spawn it with `operations`.
class operations_state {
public:
  static inline constexpr const char* name = "operations";

  explicit operations_state(
    operations_actor::stateful_pointer<operations_state> self);

  operations_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<bus> bus,
                known_actors actors, std::shared_ptr<requests> others,
                operations_config config);

private:
  using budget_reply = kit::promise<query::v1::Budget>;

  void show_budget(const budget_reply& to);
  void
  reset_budget(const std::string& asked_by, int tries, const budget_reply& to);
  caf::result<query::v1::ActorTree> actors_of(const std::string& node);
  void watch_nodes();
  void tidy_nodes();

  operations_actor::stateful_pointer<operations_state> self_;
  actor_context context_;
  std::shared_ptr<bus> bus_;
  known_actors actors_;
  std::shared_ptr<requests> others_;
  operations_config config_;
  node_registry nodes_;
  std::shared_ptr<key_value_watch> watch_;
  bool crowded_ = false; // That there are too many nodes was told.
};

/// Shows operators the budget, the actors, the streams and the nodes, and
/// begins a new ledger when they ask for it, which is told in the log with who
/// did. The budget is shown as it can be: a ledger of the future as one of now,
/// until BUDGET corrects it.
/// @param actors Of this node.
/// @param others Reaches the other nodes; null: there are none.
operations_actor::behavior_type
operations(operations_actor::stateful_pointer<operations_state> self,
           actor_context context, std::shared_ptr<bus> bus, known_actors actors,
           std::shared_ptr<requests> others, operations_config config);

} // namespace stravasync
