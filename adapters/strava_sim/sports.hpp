#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stravasync::strava_sim {

enum class sport : std::uint8_t {
  run,
  trail_run,
  ride,
  gravel_ride,
  mountain_bike_ride,
  virtual_ride,
  pool_swim,
  open_water_swim,
  alpine_ski,
  backcountry_ski,
  nordic_ski,
  hike,
  walk,
  weight_training,
  yoga,
  rowing,
};

inline constexpr std::size_t sport_count = 16;

enum class gear_kind : std::uint8_t { none, shoe, bike };

enum class route_shape : std::uint8_t {
  none, // Indoors or in a pool.
  loop, // Or out and back, as the athlete feels.
  laps, // Along a shore.
  pistes,
};

/// What a sport looks like in the figures. Speeds and durations are those of
/// an athlete of average fitness.
struct sport_model {
  sport kind;
  std::string_view sport_type; // Strava's name.
  std::string_view type;       // Its older, coarser name.
  std::string_view noun;       // As in "Morning Run".
  double speed_mps = 0;        // Zero: no distance.
  double minutes = 0;
  double weekend_minutes = 0;
  double effort = 0;      // Share of the heart rate reserve.
  double climb = 0;       // Against the place's climb per kilometre.
  double pause = 0;       // Of the moving time, spent standing.
  double top_speed = 1.0; // Against the average.
  double cadence = 0;     // Zero: not measured.
  gear_kind gear = gear_kind::none;
  route_shape route = route_shape::none;
};

[[nodiscard]] const sport_model& model_of(sport kind);

/// How much each sport is done, by sport.
using sport_weights = std::array<double, sport_count>;

/// @param month 1 to 12 as on the northern half of the earth.
/// @param mountains Snow near enough for a day.
/// @returns how far the season allows each sport, 0 to 1.
[[nodiscard]] sport_weights
season_weights(unsigned month, bool mountains, bool open_water);

} // namespace stravasync::strava_sim
