#include "config/quantity.hpp"

#include "messages/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace stravasync {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// Both ascending, so that the last one that divides a value is the largest.
constexpr auto durations = std::array{
  unit{"ms", 1},        unit{"s", 1'000},      unit{"m", 60'000},
  unit{"h", 3'600'000}, unit{"d", 86'400'000},
};
constexpr auto sizes = std::array{
  unit{"B", 1},
  unit{"KiB", std::uint64_t{1} << 10},
  unit{"MiB", std::uint64_t{1} << 20},
  unit{"GiB", std::uint64_t{1} << 30},
  unit{"TiB", std::uint64_t{1} << 40},
};

caf::error not_a(std::string_view what) {
  return make_failure(ec::invalid_argument, "expected " + std::string{what});
}

/// A whole number followed by one of `units`, which must not overflow an
/// int64 (what std::chrono::milliseconds holds).
caf::expected<std::uint64_t>
parse_with_unit(std::string_view text, std::span<const unit> units,
                std::string_view expectation) {
  auto digits = text.find_first_not_of("0123456789");
  auto number = parse_whole(text.substr(0, digits));
  if (!number || digits == std::string_view::npos)
    return not_a(expectation);
  auto found = std::ranges::find(units, text.substr(digits), &unit::name);
  if (found == units.end())
    return not_a(expectation);
  constexpr auto most
    = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (*number > most / found->factor)
    return not_a("a smaller number");
  return *number * found->factor;
}

std::string format_with_unit(std::uint64_t value, std::span<const unit> units) {
  auto best = units.front();
  for (const auto& candidate : units)
    if (value % candidate.factor == 0)
      best = candidate;
  return std::to_string(value / best.factor) + std::string{best.name};
}

} // namespace

caf::expected<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0")
    return std::chrono::milliseconds{0};
  auto value = parse_with_unit(text, durations,
                               "a whole number followed by ms, s, m, h or d");
  if (!value)
    return value.error();
  return std::chrono::milliseconds{static_cast<std::int64_t>(*value)};
}

std::string format_duration(std::chrono::milliseconds value) {
  if (value.count() == 0)
    return "0s";
  return format_with_unit(static_cast<std::uint64_t>(value.count()), durations);
}

caf::expected<std::uint64_t> parse_bytes(std::string_view text) {
  if (auto bare = parse_whole(text))
    return bare;
  return parse_with_unit(text, sizes,
                         "a whole number followed by B, KiB, MiB, GiB or TiB");
}

std::string format_bytes(std::uint64_t value) {
  if (value == 0)
    return "0B";
  return format_with_unit(value, sizes);
}

caf::expected<std::uint64_t> parse_whole(std::string_view text) {
  auto value = std::uint64_t{0};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(),
                                      value);
  if (error != std::errc{} || end != text.data() + text.size())
    return not_a("a whole number");
  return value;
}

caf::expected<double> parse_real(std::string_view text) {
  auto value = 0.0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(),
                                      value);
  if (error != std::errc{} || end != text.data() + text.size()
      || !std::isfinite(value))
    return not_a("a number");
  return value;
}

std::string format_real(double value) {
  auto buffer = std::array<char, 32>{};
  auto [end, error] = std::to_chars(buffer.data(),
                                    buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::vector<std::string> split_list(std::string_view text) {
  auto result = std::vector<std::string>{};
  if (text.find_first_not_of(" \t") == std::string_view::npos)
    return result;
  while (true) {
    auto comma = text.find(',');
    auto item = text.substr(0, comma);
    auto first = item.find_first_not_of(" \t");
    auto last = item.find_last_not_of(" \t");
    result.emplace_back(first == std::string_view::npos
                          ? std::string_view{}
                          : item.substr(first, last - first + 1));
    if (comma == std::string_view::npos)
      return result;
    text.remove_prefix(comma + 1);
  }
}

bool is_base64_of(std::string_view text, std::size_t bytes) {
  auto padding = (3 - bytes % 3) % 3;
  if (text.size() != (bytes + 2) / 3 * 4)
    return false;
  auto body = text.substr(0, text.size() - padding);
  return text.substr(body.size()) == std::string_view{"=="}.substr(0, padding)
         && body.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/")
              == std::string_view::npos;
}

} // namespace stravasync
