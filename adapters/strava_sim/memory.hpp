#pragma once

#include "adapters/strava_sim/world.hpp"

#include <caf/error.hpp>

#include <string>

namespace stravasync::strava_sim {

/// Opens the state file named in the options, if one is, brings back what it
/// holds and from now on keeps what changes: tokens, codes, edits, counters and
/// requests. Faults are not kept. Fails with `ec::unavailable`.
[[nodiscard]] caf::error attach_memory(world& of);

/// Logs and keeps a request, counted or not.
void note(world& of, logged_request request);
void note(world& of, logged_refresh refresh);

/// Sets one activity, or erases it if `json` is empty; kept.
/// Fails with `ec::malformed` for text that is no SummaryActivity.
[[nodiscard]] caf::error
edit(world& of, std::int64_t athlete_id, std::int64_t activity_id,
     const std::string& json);

} // namespace stravasync::strava_sim
