#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// @file
/// Dates as Strava writes them, and the few time zones the synthetic athletes
/// live in. Rules of daylight saving are those in force since 2007.

namespace stravasync::strava_sim {

inline constexpr auto day_s = std::int64_t{86'400};

enum class dst_rule : std::uint8_t {
  none,
  europe,      // Last Sundays of March and October, 01:00 UTC.
  america,     // Second Sunday of March, first of November, 02:00 local.
  australia,   // First Sundays of October and April, 02:00 standard time.
  new_zealand, // Last Sunday of September, first of April, 02:00 standard.
};

struct time_zone {
  std::string_view name; // Of the IANA database.
  std::int32_t standard_offset_s = 0;
  dst_rule rule = dst_rule::none;
};

/// @param utc_s Seconds since the epoch.
[[nodiscard]] std::int32_t
utc_offset_s(const time_zone& zone, std::int64_t utc_s);

/// @param local_s A wall clock's seconds since the epoch. A time that a change
/// skips or repeats gives one of its neighbours.
[[nodiscard]] std::int64_t
utc_of_local(const time_zone& zone, std::int64_t local_s);

/// "(GMT-05:00) America/New_York": the standard offset whatever the season, as
/// Strava writes it.
[[nodiscard]] std::string zone_label(const time_zone& zone);

/// "2018-02-16T14:52:54Z"
[[nodiscard]] std::string iso_time(std::int64_t epoch_s);

/// The inverse; nothing else is understood.
[[nodiscard]] std::optional<std::int64_t> parse_iso_time(std::string_view text);

/// "Fri, 16 Feb 2018 14:52:54 GMT", the form of HTTP's Date header.
[[nodiscard]] std::string http_date(std::int64_t epoch_s);

struct civil_date {
  int year = 1970;
  unsigned month = 1; // 1 to 12
  unsigned day = 1;
};

[[nodiscard]] civil_date date_of_day(std::int64_t days_since_epoch);

/// 0: Sunday.
[[nodiscard]] unsigned weekday_of_day(std::int64_t days_since_epoch);

} // namespace stravasync::strava_sim
