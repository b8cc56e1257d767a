#pragma once

#include <caf/expected.hpp>

#include <chrono>
#include <string>
#include <string_view>

/// @file
/// What commands ask a running node: its admin API, as a blocking client.

namespace stravasync::http {

/// Where a node listens, taken from a URL.
struct admin_address {
  std::string url;  // As it was given, for error texts.
  std::string host; // Name or address, IPv6 without brackets; empty: a path.
  std::string port;
  std::string path;   // Of a unix socket.
  std::string prefix; // Of every target, without a slash at its end.
};

/// Reads "http://127.0.0.1:8080", "http://[::1]:8080/prefix" or "unix:/path";
/// the scheme http may be missing, a wildcard (0.0.0.0, [::]) is taken for
/// this machine. @returns `ec::invalid_argument` for anything else, https
/// included: TLS belongs to the edge, and nodes are asked themselves.
[[nodiscard]] caf::expected<admin_address>
parse_admin_address(std::string_view url);

/// Asks one node over a connection per question. Blocks its thread, at most for
/// the deadline (and as long as the system's resolver takes for a name).
///
/// Errors are of one line and name the node: `ec::unavailable` if it cannot be
/// reached, `ec::timed_out` past the deadline (a POST may then have happened),
/// `ec::malformed` if what answers speaks no HTTP or no JSON, and for a problem
/// document its own code and detail.
class admin_client {
public:
  explicit admin_client(admin_address where, std::chrono::milliseconds deadline
                                             = std::chrono::seconds{10});

  /// @param target Path and query, from the root: "/api/v1/admin/...".
  /// @returns the JSON text; empty for an answer without content.
  [[nodiscard]] caf::expected<std::string> get(std::string_view target) const;

  /// @param json The body; empty: none.
  [[nodiscard]] caf::expected<std::string>
  post(std::string_view target, std::string_view json) const;

private:
  admin_address where_;
  std::chrono::milliseconds deadline_;
};

/// @returns what a `/readyz` document says does not work, in one line; empty if
/// all does, or it is another document.
[[nodiscard]] std::string problems_in(std::string_view ready_json);

} // namespace stravasync::http
