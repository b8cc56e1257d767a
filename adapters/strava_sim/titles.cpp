#include "adapters/strava_sim/titles.hpp"

#include <array>
#include <span>
#include <string_view>

namespace stravasync::strava_sim {

namespace {

constexpr auto run_titles = std::to_array<std::string_view>(
  {"Easy miles", "6 x 800 m 🥵", "Long run with the club", "Shakeout",
   "Tempo, 3 x 10 min", "Recovery jog", "Hill repeats",
   "Legs made of \"concrete\"", "Progression run", "Lunch loop w/ Maya",
   "Track Tuesday", "Sunday long one", "Strides + drills", "Fartlek 🍀"});
constexpr auto ride_titles = std::to_array<std::string_view>(
  {"Café ride ☕", "Headwind both ways", "Zone 2", "Big loop", "Club run",
   "Col & coffee", "4 x 8 min threshold", "Spin before the rain",
   "Gravel, mud, gravel", "After work spin", "New bike day!"});
constexpr auto virtual_titles = std::to_array<std::string_view>(
  {"Workout: 2 x 20 FTP", "Race: Crit City", "Group ride: Watopia",
   "Recovery spin", "Ramp test"});
constexpr auto swim_titles = std::to_array<std::string_view>(
  {"10 x 100 m", "Technique", "Masters", "Pull & paddles", "Pool’s open"});
constexpr auto mountain_titles = std::to_array<std::string_view>(
  {"Up before the crowds", "Ridge loop", "Hut to hut", "Powder ❄️",
   "Bluebird day", "Fog, then sun"});
constexpr auto strength_titles = std::to_array<std::string_view>(
  {"Core", "Legs", "Upper body", "Gym", "Mobility + core"});

std::span<const std::string_view> titles_of(sport kind) {
  switch (kind) {
    case sport::run:
      return run_titles;
    case sport::ride:
    case sport::gravel_ride:
    case sport::mountain_bike_ride:
      return ride_titles;
    case sport::virtual_ride:
      return virtual_titles;
    case sport::pool_swim:
    case sport::open_water_swim:
      return swim_titles;
    case sport::trail_run:
    case sport::hike:
    case sport::alpine_ski:
    case sport::backcountry_ski:
    case sport::nordic_ski:
      return mountain_titles;
    case sport::weight_training:
    case sport::yoga:
      return strength_titles;
    case sport::walk:
    case sport::rowing:
      break;
  }
  return {};
}

std::string_view time_of_day(std::int32_t start_of_day_s) {
  auto hour = start_of_day_s / 3'600;
  if (hour < 4 || hour >= 21)
    return "Night";
  if (hour < 11)
    return "Morning";
  if (hour < 14)
    return "Lunch";
  if (hour < 17)
    return "Afternoon";
  return "Evening";
}

std::string race_title(const activity_plan& plan) {
  auto city = std::string{plan.where->city};
  if (plan.kind == sport::ride)
    return city + " Gran Fondo 🏁";
  if (plan.distance_m > 17'000)
    return city + " Half Marathon 🏅";
  return plan.distance_m > 8'000 ? city + " 10k" : "Parkrun " + city;
}

} // namespace

std::string default_title(const activity_plan& plan) {
  return std::string{time_of_day(plan.start_of_day_s)} + " "
         + std::string{model_of(plan.kind).noun};
}

std::string make_title(const persona& who, const activity_plan& plan,
                       random_source& random) {
  if (plan.race)
    return race_title(plan);
  if (plan.commute)
    return random.chance(.3) ? "Commute" : default_title(plan);
  auto own = titles_of(plan.kind);
  // Some always write something, most never do.
  auto share = who.seed % 4 == 0 ? .55 : .08;
  if (own.empty() || !random.chance(share))
    return default_title(plan);
  return std::string{own[static_cast<std::size_t>(random.next() % own.size())]};
}

} // namespace stravasync::strava_sim
