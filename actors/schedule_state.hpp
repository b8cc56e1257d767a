#pragma once

#include "actors/ports/clock.hpp"
#include "messages/state.pb.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// @file
/// What workers write down about schedules, for themselves and for others.

namespace stravasync {

/// Where schedules keep how far they are, by name.
inline constexpr auto schedules_bucket = "SCHEDULES";

/// Where the lease of the node that runs them is kept.
inline constexpr auto leaders_bucket = "LEADERS";
inline constexpr auto leader_key = "scheduler";

/// Finished runs that a schedule remembers.
inline constexpr auto history_max = 50;

/// The longest lease that a node can have (worker.lease).
inline constexpr auto leader_lease_max = std::chrono::milliseconds{300'000};

/// Above any fencing token: the first is the time in seconds, and each is one
/// above the last.
inline constexpr auto leader_token_max = std::uint64_t{1} << 40;

/// @returns the lease in `value`, or a free one if that is none: what a
/// stranger wrote must neither keep others from leading nor be shown as it is.
[[nodiscard]] state::v1::LeaderLease read_lease(const std::string& value);

/// @returns the state in `value`; none if it cannot be one.
[[nodiscard]] std::optional<state::v1::ScheduleState>
read_schedule(const std::string& value);

/// @returns the run in progress or done last, as it is known by itself: whether
/// its leader still leads is another question. Without a state if there was no
/// run yet.
[[nodiscard]] state::v1::ScheduleRun run_of(const state::v1::ScheduleState& of);

/// Puts the run, which is finished, in front of the history.
void remember_run(state::v1::ScheduleState& of);

/// A schedule that is so much behind does not run: longer than it takes another
/// worker to lead, and shorter than anybody would miss it.
inline constexpr auto overdue_after = std::chrono::milliseconds{30'000};

/// @returns why the schedule is not where it should be by now, in words that
/// follow its name; empty if it is.
[[nodiscard]] std::string
lateness_of(const state::v1::ScheduleState& of, unix_ms now);

/// @returns the same of a run that should have begun at `due_ms`.
[[nodiscard]] std::string missed_run(unix_ms due_ms, unix_ms now);

} // namespace stravasync
