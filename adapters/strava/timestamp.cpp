#include "adapters/strava/timestamp.hpp"

#include "messages/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace stravasync::strava {

namespace {

/// Takes numbers and separators from the front; `ok` turns false for good at
/// the first thing that is not as expected.
struct scanner {
  std::string_view rest;
  bool ok = true;

  int number(std::size_t digits) {
    if (rest.size() < digits) {
      ok = false;
      return 0;
    }
    auto value = 0;
    for (auto c : rest.substr(0, digits)) {
      ok = ok && is_digit(c);
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(digits);
    return value;
  }

  void literal(char c) {
    if (rest.empty() || rest.front() != c)
      ok = false;
    else
      rest.remove_prefix(1);
  }
};

struct date_time {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0; // 60: a leap second, read as the next minute's first.
};

std::optional<unix_ms> to_unix_ms(const date_time& at) {
  auto date = std::chrono::year{at.year} / std::chrono::month{at.month}
              / std::chrono::day{at.day};
  if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60)
    return std::nullopt;
  auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  auto minutes = (unix_ms{days} * 24 + at.hour) * 60 + at.minute;
  return (minutes * 60 + at.second) * 1'000;
}

/// Takes ".123456": the first three digits count.
int take_milliseconds(scanner& in) {
  in.literal('.');
  auto size = static_cast<std::size_t>(
    std::ranges::find_if_not(in.rest, is_digit) - in.rest.begin());
  if (size == 0)
    in.ok = false;
  auto value = 0;
  for (auto i = std::size_t{0}; i < 3; ++i)
    value = value * 10 + (i < size ? in.rest[i] - '0' : 0);
  in.rest.remove_prefix(size);
  return value;
}

/// Takes "Z" or "+02:00".
unix_ms take_offset_ms(scanner& in) {
  if (in.rest == "Z")
    return 0;
  auto negative = in.rest.starts_with('-');
  in.literal(negative ? '-' : '+');
  auto hours = in.number(2);
  in.literal(':');
  auto minutes = in.number(2);
  in.ok = in.ok && in.rest.empty() && hours < 24 && minutes < 60;
  auto offset = (unix_ms{hours} * 60 + minutes) * 60'000;
  return negative ? -offset : offset;
}

} // namespace

std::optional<unix_ms> parse_timestamp(std::string_view text) {
  auto in = scanner{text};
  date_time at;
  at.year = in.number(4);
  in.literal('-');
  at.month = static_cast<unsigned>(in.number(2));
  in.literal('-');
  at.day = static_cast<unsigned>(in.number(2));
  in.literal('T');
  at.hour = in.number(2);
  in.literal(':');
  at.minute = in.number(2);
  in.literal(':');
  at.second = in.number(2);
  auto fraction = in.rest.starts_with('.') ? take_milliseconds(in) : 0;
  auto offset = take_offset_ms(in);
  if (!in.ok)
    return std::nullopt;
  auto local = to_unix_ms(at);
  if (!local)
    return std::nullopt;
  auto at_ms = *local + fraction - offset;
  if (at_ms < timestamp_min || at_ms > timestamp_max)
    return std::nullopt;
  return at_ms;
}

std::optional<unix_ms> parse_http_date(std::string_view text) {
  constexpr auto months
    = std::string_view{"JanFebMarAprMayJunJulAugSepOctNovDec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT"))
    return std::nullopt;
  auto month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0)
    return std::nullopt;
  auto in = scanner{text.substr(5)};
  date_time at;
  at.day = static_cast<unsigned>(in.number(2));
  in.literal(' ');
  at.month = static_cast<unsigned>(month / 3) + 1;
  in.rest.remove_prefix(3);
  in.literal(' ');
  at.year = in.number(4);
  in.literal(' ');
  at.hour = in.number(2);
  in.literal(':');
  at.minute = in.number(2);
  in.literal(':');
  at.second = in.number(2);
  return in.ok ? to_unix_ms(at) : std::nullopt;
}

} // namespace stravasync::strava
