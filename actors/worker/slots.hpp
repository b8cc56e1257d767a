#pragma once

#include "actors/ports/clock.hpp"
#include "messages/athletes.pb.h"
#include "messages/state.pb.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace stravasync {

/// When a schedule is due, as pure functions of time.
struct slot_plan {
  std::string text; // For people: "every 15m".
  /// The newest slot that is not after a time.
  std::function<unix_ms(unix_ms)> latest_by;
  /// The first slot after a time.
  std::function<unix_ms(unix_ms)> next_after;
};

/// @returns slots at the multiples of `interval` since the epoch.
[[nodiscard]] slot_plan
plan_every(std::chrono::milliseconds interval, std::string text);

/// Something done for all athletes again and again.
struct schedule {
  std::string name; // Key of its state: [a-z_]+.
  slot_plan plan;
  jobs::v1::SyncMode mode = jobs::v1::SYNC_MODE_INCREMENTAL;
};

/// What a schedule should do now.
struct slot_decision {
  /// The slot to run: one that was begun and not finished, else the newest that
  /// is due. Missed slots are caught up with one run. None: nothing is due.
  std::optional<unix_ms> run;
  /// When to look again.
  unix_ms next_ms = 0;
  /// The state's slot is one of the future, beyond the next: a clock was wrong.
  /// Nothing would be run until then.
  bool ahead = false;
};

/// @param state As found in the bucket; none: a new schedule, whose first slot
/// is the next one (what just connected was just synced).
[[nodiscard]] slot_decision
decide_slot(const schedule& what,
            const std::optional<state::v1::ScheduleState>& state, unix_ms now);

/// @returns why the schedule is not where it should be by now, in words that
/// follow its name; empty if it is. Whatever it says of its next run itself,
/// its plan tells what should have run.
[[nodiscard]] std::string
lateness_of(const schedule& what, const state::v1::ScheduleState& state,
            unix_ms now);

/// @returns whether a scheduled run makes sense for this athlete: one whose
/// history is complete and who can be listed, though the last update of it may
/// have failed. Others have a run of their own, or need the athlete.
[[nodiscard]] bool wants_scheduled_run(const query::v1::Athlete& who);

/// @returns the first job of the athlete's run of this slot. Publishing it
/// again changes nothing: its run, and so its message id, come from the slot.
[[nodiscard]] jobs::v1::SyncAthlete
scheduled_job(const std::string& schedule, jobs::v1::SyncMode mode,
              unix_ms slot_ms, const query::v1::Athlete& who,
              std::int64_t overlap_s, unix_ms now);

} // namespace stravasync
