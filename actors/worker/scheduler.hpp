#pragma once

#include "actors/context.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/schedule.hpp"
#include "actors/worker/leadership.hpp"
#include "actors/worker/slots.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

/// The state of a SCHEDULER. Spawn it with `scheduler`.
class scheduler_state {
public:
  static inline constexpr const char* name = "scheduler";

  explicit scheduler_state(
    scheduler_actor::stateful_pointer<scheduler_state> self);

  scheduler_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<key_value> kv,
                std::shared_ptr<const leadership> role, feeder_actor feeder,
                std::vector<schedule> schedules);

private:
  void look(const schedule& what);
  void looked(const schedule& what,
              const caf::expected<std::optional<key_value_entry>>& got);
  void begin(const schedule& what, const state::v1::ScheduleState& last,
             std::uint64_t revision, unix_ms next_ms);
  void announce(const schedule& what, state::v1::ScheduleState state,
                std::uint64_t revision, unix_ms next_ms);
  void run(const schedule& what, unix_ms slot_ms);
  void look_again(const schedule& what, unix_ms at);

  scheduler_actor::stateful_pointer<scheduler_state> self_;
  actor_context context_;
  std::shared_ptr<key_value> kv_;
  std::shared_ptr<const leadership> role_;
  feeder_actor feeder_;
  std::vector<schedule> schedules_;
  /// Why, by schedule, as it was told.
  std::map<std::string, std::string> failing_;
};

/// Runs schedules at their slots while this node leads. Each is one run behind
/// at most: what was missed is caught up once. Writes down when the next run is
/// planned, for others to show. A state that cannot be one, or whose run is one
/// of the future by a clock that was wrong, is begun anew, which is told: the
/// schedule goes on at its next slot.
scheduler_actor::behavior_type
scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
          actor_context context, std::shared_ptr<key_value> kv,
          std::shared_ptr<const leadership> role, feeder_actor feeder,
          std::vector<schedule> schedules);

} // namespace stravasync
