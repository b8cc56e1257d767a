#pragma once

#include "actors/ports/clock.hpp"

#include <optional>
#include <string_view>

namespace stravasync::strava {

/// The first and last millisecond that has a year of four digits from 0001 on.
inline constexpr auto timestamp_min = unix_ms{-62'135'596'800'000};
inline constexpr auto timestamp_max = unix_ms{253'402'300'799'999};

/// Reads ISO 8601 as Strava writes it: `2018-02-16T14:52:54Z`, with a fraction
/// of a second (cut to ms) or an offset such as `+02:00` if there is one. Only
/// years 1 to 9999 (UTC) are times.
[[nodiscard]] std::optional<unix_ms> parse_timestamp(std::string_view text);

/// Reads the date form that RFC 7231 section 7.1.1.1 obliges senders to use:
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::optional<unix_ms> parse_http_date(std::string_view text);

} // namespace stravasync::strava
