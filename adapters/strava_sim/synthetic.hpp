#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stravasync::strava_sim {

/// An invented athlete whose data look real: sports by season and habit, routes
/// around a home town, holidays, gear, private and typed-in activities.
struct synthetic {
  std::string athlete_json;                 // SummaryAthlete.
  std::vector<std::string> activities_json; // SummaryActivity, newest first.
};

/// Pure: the same arguments give the same bytes. About 20 us per activity.
/// @param id 1 to 1,000,000,000.
/// @param activities At most 100,000; more are not made.
[[nodiscard]] synthetic
synthetic_athlete(std::int64_t id, std::uint64_t seed, std::size_t activities);

} // namespace stravasync::strava_sim
