#pragma once

#include <caf/expected.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace stravasync::strava {

/// Where requests go, taken from a base URL.
struct endpoint {
  bool tls = false;
  std::string host; // Name or address, IPv6 without brackets.
  std::string port;
  std::string path; // Prefix of every target, without a slash at its end.
  std::string host_header;

  /// "host:port", for error texts.
  [[nodiscard]] std::string name() const;
};

/// @param setting Named in the error.
/// @returns `ec::invalid_argument` if `url` is not an absolute http(s) URL
/// without user, query and fragment.
[[nodiscard]] caf::expected<endpoint>
parse_endpoint(std::string_view url, std::string_view setting);

/// @returns `name=value&...` with the values percent-encoded, fit for a query
/// and for an `application/x-www-form-urlencoded` body. Commas and colons stay:
/// Strava shows scopes that way.
[[nodiscard]] std::string form_of(
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

} // namespace stravasync::strava
