#pragma once

#include "adapters/http/problem.hpp"
#include "adapters/http/server.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// By which names and under which path a node is reached, and what is let in
/// by them.

namespace stravasync::http {

struct site_options {
  /// "http://host[:port][/path]", without a slash at the end.
  std::string public_url = "http://localhost";
  /// As in `server_options`.
  std::vector<std::string> listen{"127.0.0.1:8080"};
  /// More names or addresses, each with or without a port.
  std::vector<std::string> allowed_hosts;
};

/// Where a node is. A page of another site can make a browser ask the node, and
/// with a name of its own that it lets point here (DNS rebinding) read the
/// answers as well. Such requests carry that name as Host, or that site as
/// Origin; what is let in carries one of ours.
///
/// Hosts of ours, whatever their port (published ports and tunnels change it):
/// the public URL's; those allowed; the addresses that are listened on; for a
/// listener on loopback or a unix socket localhost, 127.0.0.0/8 and ::1; for
/// one on every address (0.0.0.0, [::]) these, the machine's name and any IP
/// address, which no page can rebind. What comes through a unix socket comes
/// from a proxy and is held to the same: a proxy that is asked by any name
/// would pass any name on.
///
/// Origins of ours: the public URL's, those of the allowed hosts (with their
/// port, or the scheme's own), and a page that came from the very address that
/// its request goes to. The Host alone says nothing about an origin: proxies
/// replace it.
///
/// Immutable, so for any thread.
class site {
public:
  explicit site(site_options options = {});

  /// Path of the public URL: "/strava", or empty.
  [[nodiscard]] const std::string& path() const {
    return path_;
  }

  [[nodiscard]] const std::string& public_url() const {
    return options_.public_url;
  }

  /// Whether browsers reach it by TLS.
  [[nodiscard]] bool has_tls() const;

  /// @param authority "host[:port]", as in a Host header.
  [[nodiscard]] bool is_our_host(std::string_view authority) const;

  /// @param origin As a browser sends it: "https://host[:port]".
  /// @param authority That the request was addressed to.
  [[nodiscard]] bool
  is_our_origin(std::string_view origin, std::string_view authority) const;

  /// Where a browser that sent `asked` should begin to connect an athlete
  /// instead: it asked by another name than the public URL's, to which Strava
  /// sends it back, or perhaps without its TLS, so that a cookie would not come
  /// along. Nothing if it is right here, or was sent on before: a proxy may say
  /// another Host than the browser does.
  [[nodiscard]] std::optional<std::string>
  better_start(const request& asked) const;

private:
  site_options options_;
  std::string path_;
  std::string host_;
  std::vector<std::string> hosts_; // Ours, in lower case, without ports.
  std::vector<std::string> origins_;
  bool loopback_ = false;    // Any name of it.
  bool any_address_ = false; // Any IP address, and this name:
  std::string machine_;
};

/// Whether a request is one that every probe may send, by whatever address:
/// `/healthz`, `/readyz` and `/metrics`, which tell nothing about athletes.
/// Kubernetes asks a pod's address, Prometheus what its discovery found.
/// The public path may stand before them.
[[nodiscard]] bool is_probe(const site& of, const request& asked);

/// Admits a request: takes the public path off its path, if it is there (a
/// proxy may have done so), and checks where it comes from. `OPTIONS`, `GET`
/// and `HEAD` need a Host of ours; methods that change something also an Origin
/// of ours if they have one, and more than a form of another site can send: an
/// Origin, `Sec-Fetch-Site: same-origin`, or for POST a body of type
/// application/json.
/// @returns the answer if it is not admitted: 421 for the Host, 403 for the
/// origin, 415 for what a form sends, 308 from the public path to the page.
[[nodiscard]] std::optional<response> refuse(const site& of, request& asked);

/// Of each answer that does not say otherwise: no frames, no guesses about
/// types, no referrer, nothing loaded, no copies kept.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> common_headers();

} // namespace stravasync::http
