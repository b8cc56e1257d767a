#include "actors/replay/bound.hpp"

#include "messages/error.hpp"
#include "messages/json.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace stravasync {

namespace {

using std::chrono::milliseconds;

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

/// Reads a text from its front. A failure sticks.
class scanner {
public:
  explicit scanner(std::string_view text) : text_{text} {
  }

  [[nodiscard]] bool done() const {
    return text_.empty();
  }

  [[nodiscard]] bool failed() const {
    return failed_;
  }

  bool skip(char c) {
    if (!text_.starts_with(c))
      return false;
    text_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    failed_ = !skip(c) || failed_;
  }

  /// Just so many digits, at most `most`.
  int number(std::size_t digits, int most) {
    auto part = text_.substr(0, digits);
    auto value = 0;
    if (part.size() != digits || !all_digits(part))
      failed_ = true;
    else
      std::from_chars(part.data(), part.data() + part.size(), value);
    text_.remove_prefix(part.size());
    failed_ = failed_ || value > most;
    return value;
  }

  /// The digits after a decimal point as thousandths.
  int thousandths() {
    auto value = 0;
    auto weight = 100;
    failed_ = failed_ || text_.empty() || !is_digit(text_.front());
    for (; !text_.empty() && is_digit(text_.front()); text_.remove_prefix(1)) {
      value += weight * (text_.front() - '0');
      weight /= 10;
    }
    return value;
  }

private:
  std::string_view text_;
  bool failed_ = false;
};

/// What the clock shows, and how far it is ahead of UTC.
milliseconds parse_clock(scanner& in) {
  using namespace std::chrono;
  auto result = milliseconds{hours{in.number(2, 23)}};
  in.expect(':');
  result += minutes{in.number(2, 59)};
  if (in.skip(':')) {
    result += seconds{in.number(2, 59)};
    if (in.skip('.'))
      result += milliseconds{in.thousandths()};
  }
  if (in.skip('Z'))
    return result;
  auto behind = in.skip('-');
  if (!behind)
    in.expect('+');
  auto zone = milliseconds{hours{in.number(2, 23)}};
  in.expect(':');
  zone += minutes{in.number(2, 59)};
  return behind ? result + zone : result - zone;
}

std::optional<unix_ms> parse_time(std::string_view text) {
  using namespace std::chrono;
  auto in = scanner{text};
  auto y = in.number(4, 9'999);
  in.expect('-');
  auto m = static_cast<unsigned>(in.number(2, 12));
  in.expect('-');
  auto d = static_cast<unsigned>(in.number(2, 31));
  if (in.failed())
    return std::nullopt;
  auto date = year_month_day{year{y}, month{m}, day{d}};
  if (!date.ok())
    return std::nullopt;
  auto result = milliseconds{sys_days{date}.time_since_epoch()};
  if (!in.done()) {
    in.expect('T');
    result += parse_clock(in);
  }
  if (in.failed() || !in.done())
    return std::nullopt;
  return result.count();
}

struct unit {
  std::string_view name;
  std::int64_t ms;
};

constexpr auto units = std::array{unit{"ms", 1}, unit{"s", 1'000},
                                  unit{"m", 60'000}, unit{"h", 3'600'000},
                                  unit{"d", 86'400'000}};

/// "1h30m" in milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text) {
  constexpr auto number_max = std::int64_t{1'000'000'000};
  auto result = std::int64_t{0};
  while (!text.empty()) {
    auto number = text.substr(0, text.find_first_not_of("0123456789"));
    text.remove_prefix(number.size());
    auto name = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(name.size());
    auto value = std::int64_t{0};
    auto read = std::from_chars(number.data(), number.data() + number.size(),
                                value);
    const auto* found = std::ranges::find(units, name, &unit::name);
    if (number.empty() || read.ec != std::errc{} || value > number_max
        || found == units.end())
      return std::nullopt;
    result += value * found->ms;
  }
  return result;
}

std::string end_text(const replay_bound& bound) {
  return bound.is == replay_bound::kind::time
           ? to_iso_8601(bound.time_ms)
           : "sequence " + std::to_string(bound.sequence);
}

} // namespace

caf::expected<replay_bound> parse_bound(std::string_view text, unix_ms now) {
  using kind = replay_bound::kind;
  if (text.empty())
    return replay_bound{};
  auto sequence = std::uint64_t{0};
  auto read = std::from_chars(text.data(), text.data() + text.size(), sequence);
  if (all_digits(text) && read.ec == std::errc{} && sequence > 0)
    return replay_bound{kind::sequence, sequence, 0};
  if (auto time = parse_time(text))
    return replay_bound{kind::time, 0, *time};
  if (auto ago = parse_duration(text))
    return replay_bound{kind::time, 0, now - *ago};
  return make_failure(ec::invalid_argument,
                      "'" + std::string{text}
                        + "' is no sequence number from 1 (120), time "
                          "(2026-11-21T10:00:00Z), day or duration ago (15m)");
}

caf::error check(const replay_range& range) {
  const auto& [from, to] = range;
  auto empty = from.is == to.is
               && (from.sequence > to.sequence || from.time_ms > to.time_ms);
  if (!empty)
    return {};
  return make_failure(ec::invalid_argument, "--to: " + end_text(to)
                                              + " is before --from, "
                                              + end_text(from));
}

bool is_before(const replay_range& range, const stored_message& what) {
  switch (range.from.is) {
    case replay_bound::kind::open:
      return false;
    case replay_bound::kind::sequence:
      return what.sequence < range.from.sequence;
    case replay_bound::kind::time:
      return what.stored_at_ms < range.from.time_ms;
  }
  return false;
}

bool is_after(const replay_range& range, const stored_message& what) {
  switch (range.to.is) {
    case replay_bound::kind::open:
      return false;
    case replay_bound::kind::sequence:
      return what.sequence > range.to.sequence;
    case replay_bound::kind::time:
      return what.stored_at_ms > range.to.time_ms;
  }
  return false;
}

std::string to_text(const replay_range& range) {
  using kind = replay_bound::kind;
  if (range.from.is == kind::open && range.to.is == kind::open)
    return "from its beginning to its end";
  auto from = range.from.is == kind::open ? "its beginning"
                                          : end_text(range.from);
  auto to = range.to.is == kind::open ? "its end" : end_text(range.to);
  return "from " + from + " to " + to;
}

} // namespace stravasync
