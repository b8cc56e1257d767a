#pragma once

#include "adapters/strava_sim/places.hpp"
#include "adapters/strava_sim/sports.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stravasync::strava_sim {

struct gear_item {
  std::string id; // "g..." for shoes, "b..." for bikes.
  std::string name;
  gear_kind kind = gear_kind::none;
};

/// Who a synthetic athlete is; all of it follows from id and seed.
struct persona {
  std::int64_t id = 0;
  std::uint64_t seed = 0; // Mixed from the simulator's seed and the id.
  std::string first_name, last_name, username;
  bool female = false;
  bool premium = false;
  bool imperial = false;
  double weight_kg = 0;
  const place* home = nullptr;
  double home_latitude = 0, home_longitude = 0;
  sport_weights tastes{};
  double sessions_per_week = 5;
  double fitness = 1;     // Factor on speed.
  double resting_hr = 50; // Beats per minute.
  double maximum_hr = 190;
  double morning_share = .5;  // Of the weekday sessions.
  double private_share = .03; // "Only You".
  double followers_share = .05;
  bool commutes = false; // By bike.
  bool power_meter = false;
  bool strap = true; // Measures heart rate.
  bool hides_start_times = false;
  std::string device;     // As Strava names it.
  std::string device_tag; // As external ids start.
  std::vector<gear_item> gear;
};

/// @param id 1 to 1,000,000,000.
[[nodiscard]] persona make_persona(std::int64_t id, std::uint64_t seed);

} // namespace stravasync::strava_sim
