#include "adapters/strava_sim/calendar.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace stravasync::strava_sim {

namespace {

namespace chr = std::chrono;

constexpr std::int64_t minute_s = 60;
constexpr std::int64_t hour_s = 3'600;

std::int64_t floor_day(std::int64_t epoch_s) {
  auto day = epoch_s / day_s;
  return epoch_s % day_s < 0 ? day - 1 : day;
}

/// @returns midnight UTC of the n-th (1: first, 0: last) Sunday of a month.
std::int64_t sunday_s(int year, unsigned month, unsigned nth) {
  auto y = chr::year{year};
  auto m = chr::month{month};
  auto day = nth == 0 ? chr::sys_days{y / m / chr::Sunday[chr::last]}
                      : chr::sys_days{y / m / chr::Sunday[nth]};
  return day.time_since_epoch().count() * day_s;
}

bool in_dst(const time_zone& zone, std::int64_t utc_s) {
  auto year = date_of_day(floor_day(utc_s + zone.standard_offset_s)).year;
  // Local standard time, in which most rules are written.
  auto local_s = utc_s + zone.standard_offset_s;
  switch (zone.rule) {
    case dst_rule::none:
      return false;
    case dst_rule::europe:
      return utc_s >= sunday_s(year, 3, 0) + hour_s
             && utc_s < sunday_s(year, 10, 0) + hour_s;
    case dst_rule::america:
      return local_s >= sunday_s(year, 3, 2) + 2 * hour_s
             && local_s < sunday_s(year, 11, 1) + hour_s;
    case dst_rule::australia:
      return local_s >= sunday_s(year, 10, 1) + 2 * hour_s
             || local_s < sunday_s(year, 4, 1) + 2 * hour_s;
    case dst_rule::new_zealand:
      return local_s >= sunday_s(year, 9, 0) + 2 * hour_s
             || local_s < sunday_s(year, 4, 1) + 2 * hour_s;
  }
  return false;
}

struct broken_down {
  civil_date date;
  int hour = 0, minute = 0, second = 0;
};

broken_down break_down(std::int64_t epoch_s) {
  auto day = floor_day(epoch_s);
  auto rest = static_cast<int>(epoch_s - day * day_s);
  return {date_of_day(day), rest / 3600, rest / 60 % 60, rest % 60};
}

} // namespace

civil_date date_of_day(std::int64_t days_since_epoch) {
  auto date = chr::year_month_day{
    chr::sys_days{chr::days{static_cast<int>(days_since_epoch)}}};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day())};
}

unsigned weekday_of_day(std::int64_t days_since_epoch) {
  auto day = chr::sys_days{chr::days{static_cast<int>(days_since_epoch)}};
  return chr::weekday{day}.c_encoding();
}

std::int32_t utc_offset_s(const time_zone& zone, std::int64_t utc_s) {
  return zone.standard_offset_s + (in_dst(zone, utc_s) ? 3'600 : 0);
}

std::int64_t utc_of_local(const time_zone& zone, std::int64_t local_s) {
  auto guess = local_s - zone.standard_offset_s;
  return local_s
         - utc_offset_s(zone, guess - (in_dst(zone, guess) ? hour_s : 0));
}

std::string zone_label(const time_zone& zone) {
  auto minutes = std::abs(zone.standard_offset_s) / 60;
  std::array<char, 96> buffer{};
  auto size = std::snprintf(
    buffer.data(), buffer.size(), "(GMT%c%02d:%02d) %.*s",
    zone.standard_offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60,
    static_cast<int>(zone.name.size()), zone.name.data());
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::string iso_time(std::int64_t epoch_s) {
  auto t = break_down(epoch_s);
  std::array<char, 48> buffer{};
  auto size = std::snprintf(
    buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", t.date.year,
    t.date.month, t.date.day, t.hour, t.minute, t.second);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  constexpr auto shape = std::string_view{"dddd-dd-ddTdd:dd:ddZ"};
  if (text.size() != shape.size())
    return std::nullopt;
  std::array<int, 20> digits{};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    auto is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == 'd' ? !is_digit : text[i] != shape[i])
      return std::nullopt;
    digits.at(i) = text[i] - '0';
  }
  auto two = [&digits](std::size_t at) {
    return digits.at(at) * 10 + digits.at(at + 1);
  };
  auto date = chr::year_month_day{chr::year{two(0) * 100 + two(2)},
                                  chr::month{static_cast<unsigned>(two(5))},
                                  chr::day{static_cast<unsigned>(two(8))}};
  if (!date.ok() || two(11) > 23 || two(14) > 59 || two(17) > 59)
    return std::nullopt;
  return chr::sys_days{date}.time_since_epoch().count() * day_s
         + two(11) * hour_s + two(14) * minute_s + two(17);
}

std::string http_date(std::int64_t epoch_s) {
  constexpr std::size_t name_size = 3;
  constexpr auto days = std::string_view{"SunMonTueWedThuFriSat"};
  constexpr auto months
    = std::string_view{"JanFebMarAprMayJunJulAugSepOctNovDec"};
  auto t = break_down(epoch_s);
  auto weekday = days.substr(weekday_of_day(floor_day(epoch_s)) * name_size,
                             name_size);
  auto month = months.substr((t.date.month - 1) * name_size, name_size);
  std::array<char, 48> buffer{};
  auto size = std::snprintf(buffer.data(), buffer.size(),
                            "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT",
                            weekday.data(), t.date.day, month.data(),
                            t.date.year, t.hour, t.minute, t.second);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

} // namespace stravasync::strava_sim
