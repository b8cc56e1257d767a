#include "adapters/strava/rate_headers.hpp"

#include <algorithm>
#include <charconv>

namespace stravasync::strava {

namespace {

std::optional<std::uint32_t> parse_count(std::string_view text) {
  constexpr auto blanks = std::string_view{" \t"};
  auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
  auto value = std::uint32_t{0};
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

} // namespace

rate_usage::pair parse_rate_pair(std::string_view header, std::uint32_t least) {
  auto count = [least](std::string_view text) {
    auto value = parse_count(text);
    return value && *value >= least && *value <= rate_count_max ? value
                                                                : std::nullopt;
  };
  rate_usage::pair result;
  auto comma = header.find(',');
  result.short_window = count(header.substr(0, comma));
  if (comma != std::string_view::npos)
    result.day = count(header.substr(comma + 1));
  return result;
}

bool is_rate_nonsense(std::string_view header, const rate_usage::pair& read) {
  auto comma = std::min(header.find(','), header.size());
  auto lost = [](std::string_view text, bool got) {
    return !got && text.find_first_not_of(" \t") != std::string_view::npos;
  };
  return lost(header.substr(0, comma), read.short_window.has_value())
         || lost(header.substr(std::min(comma + 1, header.size())),
                 read.day.has_value());
}

} // namespace stravasync::strava
