#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols/deliveries.hpp"
#include "actors/protocols/store.hpp"
#include "messages/events.pb.h"

#include <caf/typed_event_based_actor.hpp>

namespace stravasync {

/// Applies a consumer's word that a run cannot go on, unless the run has got
/// past that page meanwhile.
[[nodiscard]] caf::error
hold_up_run(transaction& tx, const events::v1::SyncHeldUp& fact, unix_ms now);

/// The state of a RUN KEEPER. Spawn it with `run_keeper`.
class run_keeper_state {
public:
  static inline constexpr const char* name = "run-keeper";

  explicit run_keeper_state(
    delivery_handler_actor::stateful_pointer<run_keeper_state> self);

  delivery_handler_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                outbox_relay_actor relay);

private:
  delivery_handler_actor::stateful_pointer<run_keeper_state> self_;
  actor_context context_;
  store_access store_;
  outbox_relay_actor relay_;
};

/// Writes down what held runs up: waiting, failed, needs the athlete.
delivery_handler_actor::behavior_type
run_keeper(delivery_handler_actor::stateful_pointer<run_keeper_state> self,
           actor_context context, store_access store, outbox_relay_actor relay);

} // namespace stravasync
