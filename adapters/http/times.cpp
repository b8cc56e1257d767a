#include "adapters/http/times.hpp"

#include <charconv>
#include <chrono>

namespace stravasync::http {

namespace {

namespace chrono = std::chrono;

/// Takes `digits` digits and then `end` (unless NUL) off the front of `text`.
std::optional<int> take(std::string_view& text, std::size_t digits, char end) {
  auto size = digits + (end == '\0' ? 0 : 1);
  if (text.size() < size || (end != '\0' && text[digits] != end)
      || text.front() < '0' || text.front() > '9')
    return std::nullopt;
  int value = 0;
  auto [stop, bad] = std::from_chars(text.data(), text.data() + digits, value);
  if (bad != std::errc{} || stop != text.data() + digits)
    return std::nullopt;
  text.remove_prefix(size);
  return value;
}

/// "Z", "+02:00" or "-05:30".
std::optional<chrono::minutes> take_offset(std::string_view text) {
  if (text == "Z")
    return chrono::minutes{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-'))
    return std::nullopt;
  auto sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  auto hours = take(text, 2, ':');
  auto minutes = take(text, 2, '\0');
  if (!hours || !minutes || *hours > 23 || *minutes > 59)
    return std::nullopt;
  return chrono::minutes{sign * (*hours * 60 + *minutes)};
}

std::int64_t to_ms(chrono::sys_seconds at) {
  return chrono::milliseconds{at.time_since_epoch()}.count();
}

} // namespace

std::optional<parsed_time> parse_time(std::string_view text) {
  auto year = take(text, 4, '-');
  auto month = year ? take(text, 2, '-') : std::nullopt;
  auto day = month ? take(text, 2, '\0') : std::nullopt;
  if (!day || *year < 1)
    return std::nullopt;
  auto date = chrono::year_month_day{
    chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
    chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  auto midnight = chrono::sys_days{date};
  if (text.empty())
    return parsed_time{to_ms(midnight), true};
  if (text.front() != 'T')
    return std::nullopt;
  text.remove_prefix(1);
  auto hour = take(text, 2, ':');
  auto minute = hour ? take(text, 2, ':') : std::nullopt;
  auto second = minute ? take(text, 2, '\0') : std::nullopt;
  auto offset = second ? take_offset(text) : std::nullopt;
  if (!offset || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  auto at = midnight + chrono::hours{*hour} + chrono::minutes{*minute}
            + chrono::seconds{*second} - *offset;
  return parsed_time{to_ms(at), false};
}

} // namespace stravasync::http
