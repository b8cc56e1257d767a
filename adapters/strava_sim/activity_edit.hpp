#pragma once

#include "adapters/strava_sim/athlete_history.hpp"

#include <caf/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

/// @file
/// SummaryActivity objects as text: reading what lists need, and editing.

namespace stravasync::strava_sim {

struct activity_text {
  history_entry entry;
  std::int64_t athlete_id = 0;
  std::string json; // The bytes of the object, nothing around it.
};

/// Reads an array of SummaryActivity objects without changing a byte of them.
/// Fails with `ec::malformed`; the detail says at which element.
[[nodiscard]] caf::expected<std::vector<activity_text>>
read_activities(const std::string& json_array);

/// @returns what lists need of one object. Fails with `ec::malformed`.
[[nodiscard]] caf::expected<activity_text>
read_activity(const std::string& json);

/// Sets the members of the object `changes` in `json` and keeps all other bytes
/// of it. What belongs together changes together: `visibility` and `private`,
/// `sport_type` and `type`, `start_date` and `start_date_local`. Members Strava
/// does not have are taken as they are, so that tests can invent some. Fails
/// with `ec::invalid_argument` naming the member: one of the known ones has
/// the wrong type, or it is `id` or `athlete`.
[[nodiscard]] caf::expected<std::string>
edit_activity(const std::string& json, const std::string& changes);

} // namespace stravasync::strava_sim
