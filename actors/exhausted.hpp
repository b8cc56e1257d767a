#pragma once

#include "actors/context.hpp"
#include "actors/ports/bus.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace stravasync {

/// The state of an EXHAUSTED. Spawn it with `exhausted`.
class exhausted_state {
public:
  static inline constexpr const char* name = "exhausted";

  explicit exhausted_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(actor_context context, std::shared_ptr<class bus> bus,
                std::string durable);

private:
  void join();
  void joined(caf::expected<std::shared_ptr<subscription>> got);
  void take(const exhausted_delivery& notice);
  void found(const exhausted_delivery& notice,
             caf::expected<std::vector<stored_message>> got);
  void keep(const exhausted_delivery& notice, envelope letter, bool whole);
  void settle(const exhausted_delivery& notice, settlement how);

  caf::event_based_actor* self_;
  actor_context context_;
  std::shared_ptr<class bus> bus_;
  std::string durable_; // Of the notices.
  std::shared_ptr<subscription> subscription_;
  bool away_ = false; // And that was said.
};

/// The net below DURABLE SOURCE, which buries what failed too often itself:
/// makes a dead letter of what the bus gave up on because a `max_deliver` was
/// used up, whichever durable's. Both make the same letter under the same id.
/// While the bus gives no notices it tries again every few seconds.
caf::behavior
exhausted(caf::stateful_actor<exhausted_state>* self, actor_context context,
          std::shared_ptr<bus> bus, std::string durable);

} // namespace stravasync
