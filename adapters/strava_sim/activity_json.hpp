#pragma once

#include "adapters/strava_sim/persona.hpp"
#include "adapters/strava_sim/training_plan.hpp"

#include <span>
#include <string>

namespace stravasync::strava_sim {

/// @returns the SummaryActivity as Strava sends it: the same keys in the same
/// order, of which some are missing for the same reasons (no strap, no
/// recording).
[[nodiscard]] std::string
summary_activity_json(const persona& who, const activity_plan& plan);

struct athlete_json {
  std::string summary;  // For the token and for the scope `read`.
  std::string detailed; // With gear; for the scope `profile:read_all`.
};

/// @param history Newest first; gives the distances of the gear and the date
/// on which the athlete joined, shortly before the first activity.
[[nodiscard]] athlete_json
make_athlete_json(const persona& who, std::span<const activity_plan> history);

} // namespace stravasync::strava_sim
