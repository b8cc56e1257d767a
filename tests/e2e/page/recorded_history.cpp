#include "tests/e2e/page/recorded_history.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>

namespace test {

namespace {

namespace json = boost::json;
using std::chrono::sys_days;

constexpr auto newest = sys_days{std::chrono::year{2025} / 6 / 30};
constexpr auto hostile_index = 3U;
constexpr auto manual_index = 5U;
constexpr auto tenth_index = 9U;

constexpr auto sports = std::to_array<std::string_view>(
  {"Run", "Run", "Ride", "Run", "Hike", "Swim", "Run", "Ride", "Run",
   "WeightTraining"});

std::string day_text(sys_days at) {
  auto day = std::chrono::year_month_day{at};
  std::array<char, 16> text{};
  auto size = std::snprintf(
    text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
    static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string name_of(std::uint32_t index, std::string_view sport) {
  if (index == hostile_index)
    return std::string{hostile_name};
  return "Morning " + std::string{sport} + " " + std::to_string(index);
}

double distance_of(std::uint32_t index, std::string_view sport) {
  if (sport == "WeightTraining")
    return 0;
  return 5'000.0 + 10.5 * index;
}

json::object
activity(std::int64_t athlete_id, std::int64_t id, std::uint32_t index) {
  auto sport = sports[index % sports.size()];
  auto manual = index == manual_index;
  auto has_route = !manual && sport != "Swim" && sport != "WeightTraining";
  auto distance = distance_of(index, sport);
  auto start = day_text(newest - std::chrono::days{index}) + "T08:15:00Z";
  json::object map{{"id", "a" + std::to_string(id)},
                   {"summary_polyline", has_route ? route : ""},
                   {"resource_state", 2}};
  return {{"resource_state", 2},
          {"athlete", {{"id", athlete_id}, {"resource_state", 1}}},
          {"name", name_of(index, sport)},
          {"distance", distance},
          {"moving_time", 1'800},
          {"elapsed_time", 1'860},
          {"total_elevation_gain", 12.5},
          {"type", sport},
          {"sport_type", sport},
          {"id", id},
          {"start_date", start},
          {"start_date_local", start},
          {"timezone", "(GMT+00:00) GMT"},
          {"utc_offset", 0.0},
          {"map", std::move(map)},
          {"trainer", false},
          {"commute", false},
          {"manual", manual},
          {"private", false},
          {"visibility", "everyone"},
          {"gear_id", nullptr},
          {"average_speed", distance / 1'800},
          {"max_speed", distance / 900}};
}

} // namespace

recorded_history::recorded_history()
  : newest_day{day_text(newest)},
    tenth_day{day_text(newest - std::chrono::days{tenth_index})} {
  constexpr auto newest_id = std::int64_t{9'100'000'000};
  json::array activities;
  for (std::uint32_t index = 0; index < count; ++index) {
    auto id = newest_id - index;
    auto sport = sports[index % sports.size()];
    auto& so_far = sums[std::string{sport}];
    ++so_far.count;
    so_far.distance_m += distance_of(index, sport);
    activities.push_back(activity(athlete_id, id, index));
  }
  hostile_id = newest_id - hostile_index;
  manual_id = newest_id - manual_index;
  json_ = json::serialize(activities);
}

void recorded_history::write_to(const std::filesystem::path& folder) const {
  std::filesystem::create_directories(folder);
  auto file = std::to_string(athlete_id) + "_activities.json";
  std::ofstream{folder / file, std::ios::binary} << json_;
}

} // namespace test
