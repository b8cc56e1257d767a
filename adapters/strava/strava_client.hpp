#pragma once

#include "actors/ports/strava_api.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

/// @file
/// Strava over HTTPS: keep-alive connections in a pool, every response read
/// with simdjson. Boost, OpenSSL and simdjson stay behind this header.

namespace stravasync::strava {

using std::chrono::milliseconds;

/// The HTTP proxies on the way out, as the environment's usual variables name
/// them: URLs that may hold a login.
struct proxy_settings {
  std::string https; // HTTPS_PROXY, for https:// URLs.
  std::string http;  // HTTP_PROXY, for http:// URLs.
  std::string none;  // NO_PROXY: what is reached without.
};

struct client_options {
  /// `http` or `https`, no query; Strava announced that the first one moves to
  /// a host without the path, so both are settings of their own.
  std::string api_url = "https://www.strava.com/api/v3";
  std::string oauth_url = "https://www.strava.com/oauth";
  /// Where browsers are sent for consent; empty: `oauth_url` + "/authorize".
  std::string authorize_url;
  std::string client_id;
  std::string client_secret;
  /// What an athlete is asked for, comma separated.
  std::string scopes = "read,activity:read_all,profile:read_all";
  std::string user_agent = "stravasync";
  /// PEM file of authorities to trust beside the system's; empty: none.
  std::string ca_file;
  proxy_settings proxies;
  /// Per client, at least 1; more calls wait for a free connection.
  std::size_t connections_max = 8;
  /// Name lookup, TCP (all addresses of the name, each a moment after the one
  /// before), a proxy's answer and TLS handshake of one connection.
  milliseconds connect_timeout{5'000};
  /// A whole call, from being asked to its completion.
  milliseconds request_timeout{30'000};
  /// A connection unused for so long is closed. Below what Strava's front end
  /// allows, so that a request rarely meets a connection being closed.
  milliseconds idle_timeout{55'000};
  /// Of a response's body; a list above that is unreadable, any other answer
  /// fails with `ec::upstream_failed`. What carries it (headers, chunks,
  /// trailers) has limits of its own.
  std::size_t response_bytes_max = std::size_t{16} * 1024 * 1024;
};

/// Opens a client of the API with a thread and connections of its own; it
/// connects with its first call. Its destructor ends calls in flight with
/// `ec::unavailable` and joins the thread (a name lookup in progress is waited
/// for: the resolver of the system cannot be interrupted).
///
/// A GET whose kept-alive connection turns out to be closed before any byte of
/// an answer is sent once more on a new connection; the report counts both.
/// Redirects are not followed (`ec::rejected`). An element that is no activity
/// costs no other: it comes as its bytes.
///
/// Beside the port's errors a call fails with `ec::invalid_argument` for a
/// request that breaks its own bounds. `open_api` fails with
/// `ec::invalid_argument`: a URL or the CA file is unusable, the detail names
/// the setting.
[[nodiscard]] caf::expected<std::unique_ptr<strava_api>>
open_api(const client_options& options);

/// The same for the OAuth endpoints. POSTs are never sent twice. Neither the
/// secret nor a code or token appears in an error's text.
[[nodiscard]] caf::expected<std::unique_ptr<strava_oauth>>
open_oauth(const client_options& options);

/// @returns `ec::invalid_argument` if a URL or the proxy on the way to it
/// cannot be used; nothing is opened.
[[nodiscard]] caf::error check_ways(const client_options& options);

/// @returns a decoder; thread-safe. Numbers may come as integers or floats,
/// `null` and absent fields leave the default. Beside the port's rules:
/// `sport_type` falls back to `type`, an absent local start is computed from
/// `utc_offset`, `visibility` falls back to `private`, a `profile` that is no
/// URL (Strava's placeholder for "no picture") is dropped. An activity needs
/// `id` and `start_date`; `athlete_id` is 0 if the JSON names no athlete. Ids
/// and numbers may come as text.
[[nodiscard]] std::unique_ptr<strava_decoder> make_decoder();

} // namespace stravasync::strava
