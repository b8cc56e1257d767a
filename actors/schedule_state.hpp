#pragma once

#include "messages/state.pb.h"

#include <cstddef>

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

/// @returns the run in progress or done last, as it is known by itself: whether
/// its leader still leads is another question. Without a state if there was no
/// run yet.
[[nodiscard]] state::v1::ScheduleRun run_of(const state::v1::ScheduleState& of);

/// Puts the run, which is finished, in front of the history.
void remember_run(state::v1::ScheduleState& of);

} // namespace stravasync
