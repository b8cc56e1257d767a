#pragma once

#include "adapters/strava_sim/polyline.hpp"
#include "adapters/strava_sim/random_source.hpp"
#include "adapters/strava_sim/sports.hpp"

#include <vector>

namespace stravasync::strava_sim {

/// @returns a route of about `distance_m` metres that starts near `start`: a
/// loop, out and back, laps along a shore or runs down a slope, whatever the
/// shape allows and the dice say. Empty for `route_shape::none` and for less
/// than 100 m.
[[nodiscard]] std::vector<coordinate>
make_route(route_shape shape, coordinate start, double distance_m,
           random_source& random);

} // namespace stravasync::strava_sim
