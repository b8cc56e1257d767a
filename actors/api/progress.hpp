#pragma once

#include "actors/ports/store.hpp"
#include "messages/events.pb.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync {

/// @returns whether a run in `state` has ended.
[[nodiscard]] bool is_final(events::v1::SyncState state);

/// Scopes that a complete copy needs and `granted` (comma separated, as Strava
/// returns it) lacks, in the order of their weight.
[[nodiscard]] std::vector<std::string> missing_scopes(std::string_view granted);

/// @returns whether `granted` lets the application list activities at all.
[[nodiscard]] bool may_list_activities(std::string_view granted);

/// @returns whether Strava shows private activities to the application.
[[nodiscard]] bool may_see_private(std::string_view granted);

/// @returns whether the athlete's history is stored, but for what is new.
/// @param newest The newest run. Other runs than a backfill only begin when
/// that is complete.
[[nodiscard]] bool has_history(const sync_run& newest);

/// How many activities the athlete will have at the end of `run`: exact when it
/// is complete, else the stored number stretched from the span of time listed
/// so far to the span since the athlete joined Strava; 0: unknown yet.
[[nodiscard]] std::int64_t
expected_activities(const athlete& whose, const sync_run& run,
                    std::int64_t stored);

/// Seconds until the run is complete, from its speed so far and the time it
/// still waits; -1: unknown, 0: it has ended.
[[nodiscard]] std::int64_t eta_s(const sync_run& run, std::int64_t stored,
                                 std::int64_t expected, unix_ms now);

/// The athlete's progress as every edge shows it.
/// Without a run it is a state of its own (queued, or needs_reauth if none lets
/// us list activities).
[[nodiscard]] events::v1::SyncStatus
status_of(const athlete& whose, const athlete_figures& figures, unix_ms now);

} // namespace stravasync
