#pragma once

#include "actors/context.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/operations.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace stravasync {

/// The state of a SCHEDULES. Spawn it with `schedules`.
class schedules_state {
public:
  static inline constexpr const char* name = "schedules";

  explicit schedules_state(
    schedules_actor::stateful_pointer<schedules_state> self);

  schedules_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<key_value> kv);

private:
  struct gathering;
  using gathering_ptr = std::shared_ptr<gathering>;

  void look_at_leader(const gathering_ptr& to);
  void look_at_all(const gathering_ptr& to);
  void look_at(const gathering_ptr& to, const std::string& schedule);
  void conclude(const gathering_ptr& to);

  schedules_actor::stateful_pointer<schedules_state> self_;
  actor_context context_;
  std::shared_ptr<key_value> kv_;
};

/// Shows operators the schedules, from what their leader wrote down: any node
/// can answer, whoever runs them.
schedules_actor::behavior_type
schedules(schedules_actor::stateful_pointer<schedules_state> self,
          actor_context context, std::shared_ptr<key_value> kv);

} // namespace stravasync
