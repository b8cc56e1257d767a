#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// @file
/// Where the parts of URLs are (RFC 3986). Nothing is decoded or checked: what
/// has another form has empty parts. All results are parts of the text.

namespace stravasync {

struct url_parts {
  std::string_view scheme;    // "https"
  std::string_view login;     // "user:password", as far as it is there.
  std::string_view authority; // "host:port", without the login.
  std::string_view rest;      // Path, query and fragment.
};

/// @returns the parts of "scheme://[login@]host[:port][/path][?query]"; all
/// empty if there is no "://".
[[nodiscard]] url_parts split_url(std::string_view url);

struct host_port {
  std::string_view host; // Of "[::1]" without the brackets.
  std::optional<std::string_view> port;
  bool bracketed = false;
};

/// @returns the parts of "host", "host:port", "[address]" or "[address]:port".
/// Of other texts, such as a bare IPv6 address, all is the host.
[[nodiscard]] host_port split_host_port(std::string_view text);

/// @returns the number of a port, 0 to 65535, or nothing for what is none.
/// A listener may write 0 for any port that is free; nobody can be reached by
/// it.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text);

/// @returns whether a server can be reached by it: 1 to 65535.
[[nodiscard]] bool is_port(std::string_view text);

} // namespace stravasync
