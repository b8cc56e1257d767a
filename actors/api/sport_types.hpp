#pragma once

#include <string_view>

namespace stravasync {

/// @returns whether Strava documented `sport_type` (its swagger's SportType of
/// November 2025). The list grows: others are stored and shown all the same.
[[nodiscard]] bool is_documented_sport(std::string_view sport_type);

} // namespace stravasync
