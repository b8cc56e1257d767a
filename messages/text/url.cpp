#include "messages/text/url.hpp"

#include <algorithm>
#include <charconv>

namespace stravasync {

url_parts split_url(std::string_view url) {
  constexpr auto separator = std::string_view{"://"};
  auto colon = url.find(separator);
  if (colon == std::string_view::npos)
    return {};
  auto from = url.substr(colon + separator.size());
  auto end = std::min(from.find_first_of("/?#"), from.size());
  auto authority = from.substr(0, end);
  auto at = authority.rfind('@');
  auto has_login = at != std::string_view::npos;
  return {.scheme = url.substr(0, colon),
          .login = has_login ? authority.substr(0, at) : std::string_view{},
          .authority = has_login ? authority.substr(at + 1) : authority,
          .rest = from.substr(end)};
}

host_port split_host_port(std::string_view text) {
  auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos)
    return {.host = text, .port = {}};
  auto colon = text.find(':', bracket);
  auto host = text.substr(0, colon);
  if (bracket > 0 && host.size() == bracket + 1)
    host = host.substr(1, bracket - 1);
  else if (bracket > 0 || colon != text.rfind(':'))
    return {.host = text, .port = {}};
  if (colon == std::string_view::npos)
    return {.host = host, .port = {}, .bracketed = bracket > 0};
  return {
    .host = host, .port = text.substr(colon + 1), .bracketed = bracket > 0};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  auto number = std::uint16_t{0};
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

bool is_port(std::string_view text) {
  return parse_port(text).value_or(0) > 0;
}

} // namespace stravasync
