#pragma once

#include "actors/ports/strava_api.hpp"

#include <cstdint>
#include <string_view>

namespace stravasync::strava {

/// What nobody allows or counts in a day: sums of a few stay far from 2^32.
inline constexpr auto rate_count_max = std::uint32_t{100'000'000};

/// Reads one of Strava's rate headers, `"<15 min>,<day>"`. Each part stands
/// alone: spaces around it are fine, and one that is empty (a lone comma was
/// seen), no number, below `least` or above `rate_count_max` is left out.
[[nodiscard]] rate_usage::pair
parse_rate_pair(std::string_view header, std::uint32_t least = 0);

/// @returns whether a part of `header` is neither empty nor in `read`.
[[nodiscard]] bool
is_rate_nonsense(std::string_view header, const rate_usage::pair& read);

} // namespace stravasync::strava
