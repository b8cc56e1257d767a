#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace test {

/// A made-up athlete's history as Strava would list it, for the simulator to
/// serve, and what a page about it must show.
struct recorded_history {
  struct sum {
    std::uint32_t count = 0;
    double distance_m = 0;
  };

  /// Made of 430 activities, one a day: more than two pages of 200.
  recorded_history();

  /// Writes it where the simulator looks for recorded athletes.
  void write_to(const std::filesystem::path& folder) const;

  std::int64_t athlete_id = 70'000'042;
  std::uint32_t count = 430;
  /// By Strava's sport type.
  std::map<std::string, sum> sums;
  /// Its name is `hostile_name`; it has a route.
  std::int64_t hostile_id = 0;
  /// Entered by hand, without a route.
  std::int64_t manual_id = 0;
  /// The day of the newest activity, and of the tenth.
  std::string newest_day;
  std::string tenth_day;

private:
  std::string json_;
};

/// What an athlete may call an activity.
inline constexpr std::string_view hostile_name
  = "<img src=x onerror=\"window.broken = 1\"> & 'tea' \u00e6\u00f8\u00e5";

/// The route of every activity that has one, with this many points.
inline constexpr std::string_view route = "_p~iF~ps|U_ulLnnqC_mqNvxq`@";
inline constexpr std::uint32_t route_points = 3;

} // namespace test
