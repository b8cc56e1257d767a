#pragma once

#include "adapters/strava_sim/persona.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stravasync::strava_sim {

enum class visibility : std::uint8_t { everyone, followers_only, only_me };

/// Everything about one activity but its texts and its route: small, so that a
/// whole history can be held and added up.
struct activity_plan {
  std::int64_t id = 0;
  std::int64_t start_s = 0; // As published, see `start_hidden`.
  sport kind = sport::run;
  visibility seen_by = visibility::everyone;
  bool manual = false; // Typed in: no recording.
  bool trainer = false;
  bool commute = false;
  bool race = false;
  /// Strava then publishes one second past local midnight.
  bool start_hidden = false;
  bool heart_rate = false;
  std::int8_t gear = -1;           // Index into the persona's gear; -1: none.
  std::int32_t start_of_day_s = 0; // Local wall clock, the true one.
  std::int32_t moving_s = 0, elapsed_s = 0;
  double distance_m = 0, climb_m = 0;
  double effort = 0; // Share of the heart rate reserve, 0 to 1.
  const place* where = nullptr;
  std::uint64_t seed = 0; // For texts and route.
};

/// The last activity is not after this time (2026-11-01T00:00:00Z), so that a
/// history is the same whenever it is asked for.
inline constexpr std::int64_t default_history_end_s = 1'793'491'200;

inline constexpr std::size_t synthetic_activities_max = 100'000;

/// @returns `count` activities (at most `synthetic_activities_max`), newest
/// first. Of two counts the smaller gives the newer part of the larger as long
/// as both fit into 15 years of this athlete's training. Ids are unique over
/// all athletes: id of the athlete, then day, then number in the day.
[[nodiscard]] std::vector<activity_plan>
plan_history(const persona& who, std::size_t count,
             std::int64_t end_s = default_history_end_s);

/// Activity ids of an athlete begin here and end before the next athlete's.
/// Invented ones are at most 9,000,000 above it until the year 2216.
[[nodiscard]] constexpr std::int64_t
first_activity_id(std::int64_t athlete_id) {
  return athlete_id * 10'000'000;
}

/// One more activity at a chosen time, as if recorded then. `id` is taken as it
/// is.
[[nodiscard]] activity_plan plan_single(const persona& who, sport kind,
                                        std::int64_t id, std::int64_t start_s);

} // namespace stravasync::strava_sim
