#pragma once

#include <span>
#include <string>

namespace stravasync::strava_sim {

struct coordinate {
  double latitude = 0, longitude = 0; // Degrees.
};

/// Google's encoded polyline with five decimals, as in Strava's maps.
[[nodiscard]] std::string encode_polyline(std::span<const coordinate> points);

} // namespace stravasync::strava_sim
