#pragma once

#include "adapters/strava_sim/calendar.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace stravasync::strava_sim {

/// A town in which synthetic athletes live or spend their holidays. Positions
/// are those of the town as a whole; routes start somewhere around it.
struct place {
  std::string_view city, state, country;
  double latitude = 0, longitude = 0;
  time_zone zone;
  double elevation_m = 0;
  double climb_m_per_km = 0; // On a road of average hilliness.
  bool mountains = false;    // Skiing in winter.
  bool open_water = false;

  [[nodiscard]] bool southern() const {
    return latitude < 0;
  }
};

/// Where athletes live.
[[nodiscard]] std::span<const place> home_towns();

/// Where they go skiing.
[[nodiscard]] std::span<const place> ski_resorts();

} // namespace stravasync::strava_sim
