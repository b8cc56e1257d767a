#include "adapters/http/site.hpp"

#include "adapters/http/input.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stravasync::http {

namespace {

std::optional<boost::asio::ip::address> as_address(const std::string& host) {
  boost::system::error_code error;
  auto result = boost::asio::ip::make_address(host, error);
  return error ? std::nullopt : std::optional{result};
}

struct authority {
  std::string host; // Lower case; of an IPv6 address without brackets.
  std::string port; // Empty: none.
};

/// @returns no host for what has another form: a name that is ours says nothing
/// for what stands behind it.
authority parse_authority(std::string_view text) {
  auto parts = split_host_port(text);
  auto port = parts.port.value_or("");
  auto is_v6 = parts.host.find(':') != std::string_view::npos;
  if (parts.bracketed != is_v6 || (!port.empty() && !parse_port(port)))
    return {};
  auto host = lower_case(parts.host);
  if (!parts.bracketed && host.ends_with('.')) // The same, written in full.
    host.pop_back();
  if (auto address = as_address(host))
    host = address->to_string();
  return {std::move(host), std::string{port}};
}

bool is_loopback(const std::string& host) {
  auto address = as_address(host);
  return host == "localhost" || (address && address->is_loopback());
}

std::string_view port_of(std::string_view scheme) {
  return scheme == "https" ? "443" : "80";
}

/// "https://host" => "https://host:443"; empty for what is no web origin.
std::string full_origin(std::string_view scheme, const authority& at) {
  if (at.host.empty() || (scheme != "http" && scheme != "https"))
    return {};
  auto port = at.port.empty() ? std::string{port_of(scheme)} : at.port;
  return std::string{scheme} + "://" + at.host + ":" + port;
}

/// Whom a request is for: the target's word, if it has one, wins over the
/// header's (RFC 9112, 3.2.2).
std::string_view authority_of(const request& asked) {
  if (asked.target.starts_with('/') || asked.target == "*")
    return asked.header_or_empty("host");
  return split_url(asked.target).authority;
}

bool changes_something(const request& asked) {
  return asked.method != "GET" && asked.method != "HEAD"
         && asked.method != "OPTIONS";
}

problem wrong_host(std::string_view host) {
  return {.status = 421,
          .code = "misdirected",
          .detail = "this node is not known as \"" + std::string{host}
                    + "\": let http.public_url say how browsers reach it, or "
                      "add the name to http.allowed_hosts",
          .field = "Host",
          .rule = "a name or address of this node"};
}

problem wrong_site() {
  return {.status = 403,
          .code = "cross_site",
          .detail = "a page of another site may not do this; the own pages "
                    "are those of http.public_url and http.allowed_hosts"};
}

/// Whether the browser says that a page of another site sent it.
bool is_from_elsewhere(const request& asked) {
  auto from = asked.header_or_empty("sec-fetch-site");
  return !from.empty() && from != "same-origin" && from != "none";
}

std::optional<problem>
origin_problem(const site& of, const request& asked, std::string_view host) {
  if (!changes_something(asked)) {
    // It could not read the answer, but event streams and work cost us.
    if (asked.path.starts_with("/api/") && is_from_elsewhere(asked)
        && asked.header_or_empty("sec-fetch-mode") != "navigate")
      return wrong_site();
    return std::nullopt;
  }
  auto origin = asked.header_or_empty("origin");
  if (is_from_elsewhere(asked)
      || (!origin.empty() && !of.is_our_origin(origin, host)))
    return wrong_site();
  auto vouched_for = !origin.empty()
                     || asked.header_or_empty("sec-fetch-site")
                          == "same-origin";
  // Forms have no other method that changes something.
  if (!vouched_for && asked.method == "POST")
    return media_type_problem(asked);
  return std::nullopt;
}

/// Whether the path is the public one without the slash that relative
/// addresses need; else takes the public path away.
bool strip(const std::string& public_path, request& asked) {
  if (public_path.empty() || !asked.path.starts_with(public_path))
    return false;
  if (asked.path.size() == public_path.size())
    return true;
  if (asked.path[public_path.size()] == '/')
    asked.path.erase(0, public_path.size());
  return false;
}

} // namespace

site::site(site_options options) : options_{std::move(options)} {
  auto url = split_url(options_.public_url);
  path_ = url.rest;
  auto at = parse_authority(url.authority);
  host_ = at.host;
  hosts_.push_back(at.host);
  origins_.push_back(full_origin(url.scheme, at));
  for (const auto& allowed : options_.allowed_hosts) {
    auto more = parse_authority(allowed);
    origins_.push_back(full_origin("http", more));
    origins_.push_back(full_origin("https", more));
    hosts_.push_back(std::move(more.host));
  }
  for (const auto& address : options_.listen) {
    auto listening = parse_authority(address).host;
    auto ip = as_address(listening);
    any_address_ = any_address_ || (ip && ip->is_unspecified());
    loopback_ = loopback_ || address.starts_with("unix:")
                || is_loopback(listening);
    hosts_.push_back(std::move(listening));
  }
  loopback_ = loopback_ || any_address_;
  auto name = std::array<char, 256>{};
  if (any_address_ && ::gethostname(name.data(), name.size() - 1) == 0)
    machine_ = lower_case(name.data());
  if (!machine_.empty())
    hosts_.push_back(machine_);
}

bool site::has_tls() const {
  return options_.public_url.starts_with("https://");
}

bool site::is_our_host(std::string_view authority) const {
  auto [host, port] = parse_authority(authority);
  // An address may have a zone, which has a meaning on its machine only.
  if (host.empty() || (!port.empty() && !is_port(port))
      || authority.find('%') != std::string_view::npos)
    return false;
  return std::ranges::find(hosts_, host) != hosts_.end()
         || (loopback_ && is_loopback(host))
         || (any_address_ && as_address(host));
}

bool site::is_our_origin(std::string_view origin,
                         std::string_view authority) const {
  auto parts = split_url(origin);
  auto from = full_origin(parts.scheme, parse_authority(parts.authority));
  if (from.empty() || !parts.login.empty() || !parts.rest.empty())
    return false;
  if (std::ranges::find(origins_, from) != origins_.end())
    return true;
  auto asked = parse_authority(authority);
  auto is_local = is_loopback(asked.host) || as_address(asked.host)
                  || (!machine_.empty() && asked.host == machine_);
  return is_local && is_our_host(authority)
         && from == full_origin(parts.scheme, asked);
}

std::optional<std::string> site::better_start(const request& asked) const {
  auto here = parse_authority(authority_of(asked)).host;
  // The scheme cannot be seen behind a proxy, and a cookie that needs TLS is
  // not kept without it.
  if ((here == host_ && !has_tls()) || asked.query_value("moved"))
    return std::nullopt;
  return options_.public_url + "/connect?moved=1";
}

bool is_probe(const site& of, const request& asked) {
  auto path = std::string_view{asked.path};
  if (path.starts_with(of.path()))
    path.remove_prefix(of.path().size());
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

std::optional<response> refuse(const site& of, request& asked) {
  auto bare = strip(of.path(), asked);
  auto host = authority_of(asked);
  if (!is_probe(of, asked) && !of.is_our_host(host))
    return to_response(wrong_host(host));
  if (auto trouble = origin_problem(of, asked, host))
    return to_response(*trouble);
  if (!bare)
    return std::nullopt;
  return response{.status = 308,
                  .content_type = "",
                  .headers = {{"Location", of.path() + "/"}}};
}

std::vector<std::pair<std::string, std::string>> common_headers() {
  return {
    {"Content-Security-Policy",
     "default-src 'none'; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
  };
}

} // namespace stravasync::http
