#pragma once

#include "adapters/strava/endpoint.hpp"
#include "adapters/strava/strava_client.hpp"
#include "adapters/strava/wire.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <caf/expected.hpp>

#include <functional>
#include <optional>
#include <string>

namespace stravasync::strava {

/// An HTTP proxy on the way.
struct proxy {
  std::string host; // Name or address, IPv6 without brackets.
  std::string port;
  std::string authorization; // Proxy-Authorization, or nothing.

  /// "host:port", for error texts.
  [[nodiscard]] std::string name() const;
};

/// What a proxy's 407 means, said of the proxy.
inline constexpr auto login_wanted
  = "asks for a login (407): write it into the proxy's URL";

/// @returns the proxy that requests to `to` take, if any: never to this machine
/// itself, nor to what `settings.none` lists (names with everything below them,
/// addresses, networks such as 10.0.0.0/8, each perhaps with a port, or *).
/// Fails with `ec::invalid_argument` for what is no http:// proxy; the text
/// never holds a login.
[[nodiscard]] caf::expected<std::optional<proxy>>
proxy_for(const endpoint& to, const proxy_settings& settings);

/// Makes a plain request one that a proxy forwards (RFC 9112, section 3.2.2).
void address_through(http_request& request, const endpoint& to,
                     const proxy& via);

/// Asks the proxy at the other end of `socket` for a tunnel to `to` (CONNECT).
/// `done` hears what is wrong, or an empty text. `socket` must stay until then;
/// closing it ends the attempt.
void open_tunnel(boost::asio::ip::tcp::socket& socket, const endpoint& to,
                 const proxy& via, std::function<void(std::string)> done);

} // namespace stravasync::strava
