#pragma once

#include "actors/ports/strava_api.hpp"

#include <string_view>

namespace stravasync::strava {

/// Reads one of Strava's rate headers, `"<15 min>,<day>"`. Each part stands
/// alone: spaces around it are fine, and one that is empty (a lone comma was
/// seen), no number or beyond 32 bits is left out.
[[nodiscard]] rate_usage::pair parse_rate_pair(std::string_view header);

} // namespace stravasync::strava
