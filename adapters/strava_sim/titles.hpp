#pragma once

#include "adapters/strava_sim/persona.hpp"
#include "adapters/strava_sim/random_source.hpp"
#include "adapters/strava_sim/training_plan.hpp"

#include <string>

namespace stravasync::strava_sim {

/// @returns what Strava calls an activity that nobody named: "Morning Run".
[[nodiscard]] std::string default_title(const activity_plan& plan);

/// @returns the activity's name: mostly the default, sometimes what people
/// write.
[[nodiscard]] std::string
make_title(const persona& who, const activity_plan& plan,
           random_source& random);

} // namespace stravasync::strava_sim
