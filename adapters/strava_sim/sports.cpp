#include "adapters/strava_sim/sports.hpp"

namespace stravasync::strava_sim {

namespace {

using enum sport;

constexpr auto shoe = gear_kind::shoe;
constexpr auto bike = gear_kind::bike;
constexpr auto bare = gear_kind::none;
constexpr auto loop = route_shape::loop;
constexpr auto laps = route_shape::laps;
constexpr auto pistes = route_shape::pistes;
constexpr auto indoors = route_shape::none;

constexpr auto models = std::array<sport_model, sport_count>{{
  {run, "Run", "Run", "Run", 2.95, 46, 85, .72, 1.0, .03, 1.45, 82, shoe, loop},
  {trail_run, "TrailRun", "Run", "Trail Run", 2.45, 65, 120, .74, 3.0, .08, 1.7,
   80, shoe, loop},
  {ride, "Ride", "Ride", "Ride", 7.6, 85, 190, .62, .9, .12, 2.1, 83, bike,
   loop},
  {gravel_ride, "GravelRide", "Ride", "Gravel Ride", 6.1, 95, 180, .64, 1.1,
   .14, 2.1, 80, bike, loop},
  {mountain_bike_ride, "MountainBikeRide", "Ride", "Mountain Bike Ride", 4.5,
   80, 140, .68, 2.2, .18, 2.6, 74, bike, loop},
  {virtual_ride, "VirtualRide", "VirtualRide", "Virtual Ride", 8.9, 55, 75, .70,
   .8, .0, 1.7, 86, bike, indoors},
  {pool_swim, "Swim", "Swim", "Swim", .78, 40, 45, .58, 0, .12, 1.35, 0, bare,
   indoors},
  {open_water_swim, "Swim", "Swim", "Swim", .86, 35, 42, .60, 0, .04, 1.5, 0,
   bare, laps},
  {alpine_ski, "AlpineSki", "AlpineSki", "Alpine Ski", 3.3, 150, 180, .34, 0,
   1.0, 5.2, 0, bare, pistes},
  {backcountry_ski, "BackcountrySki", "BackcountrySki", "Backcountry Ski", 1.0,
   190, 230, .60, 3.2, .25, 11.0, 0, bare, loop},
  {nordic_ski, "NordicSki", "NordicSki", "Nordic Ski", 3.9, 70, 110, .72, .8,
   .06, 2.6, 0, bare, loop},
  {hike, "Hike", "Hike", "Hike", 1.15, 150, 260, .42, 2.6, .35, 1.8, 0, bare,
   loop},
  {walk, "Walk", "Walk", "Walk", 1.4, 45, 70, .26, .7, .1, 1.5, 54, bare, loop},
  {weight_training, "WeightTraining", "WeightTraining", "Weight Training", 0,
   42, 50, .38, 0, .05, 1, 0, bare, indoors},
  {yoga, "Yoga", "Yoga", "Yoga", 0, 38, 55, .18, 0, 0, 1, 0, bare, indoors},
  {rowing, "Rowing", "Rowing", "Rowing", 2.9, 55, 75, .66, 0, .15, 1.6, 24,
   bare, laps},
}};

constexpr double by_month(unsigned month, const std::array<double, 12>& year) {
  return year.at(month - 1);
}

constexpr std::array<double, 12> warm{.15, .2, .45, .75, .95, 1,
                                      1,   1,  .9,  .6,  .3,  .15};
constexpr std::array<double, 12> cold{1, 1, .8, .4, .1, 0, 0, 0, .1, .4, .8, 1};
constexpr std::array<double, 12> bathing{0, 0, 0,  0,  .2, .8,
                                         1, 1, .5, .1, 0,  0};
constexpr std::array<double, 12> snow{1, 1, .8, .2, 0, 0, 0, 0, 0, 0, .1, .7};

} // namespace

const sport_model& model_of(sport kind) {
  return models.at(static_cast<std::size_t>(kind));
}

sport_weights season_weights(unsigned month, bool mountains, bool open_water) {
  auto warmth = by_month(month, warm);
  auto chill = by_month(month, cold);
  auto white = mountains ? by_month(month, snow) : 0.0;
  auto water = open_water ? by_month(month, bathing) : 0.0;
  auto result = sport_weights{};
  result.fill(1.0);
  auto set = [&result](sport kind, double weight) {
    result.at(static_cast<std::size_t>(kind)) = weight;
  };
  set(run, .85 + .15 * chill);
  set(trail_run, .3 + .7 * warmth);
  set(ride, warmth);
  set(gravel_ride, .25 + .75 * warmth);
  set(mountain_bike_ride, warmth);
  set(virtual_ride, chill);
  set(pool_swim, 1.0 - .5 * water);
  set(open_water_swim, water);
  set(alpine_ski, white);
  set(backcountry_ski, white);
  set(nordic_ski, white);
  set(hike, warmth);
  set(weight_training, .5 + .5 * chill);
  set(rowing, open_water ? warmth : .1);
  return result;
}

} // namespace stravasync::strava_sim
