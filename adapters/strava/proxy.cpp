#include "adapters/strava/proxy.hpp"

#include "messages/error.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <string_view>

namespace stravasync::strava {

namespace {

namespace ip = boost::asio::ip;

std::string in_base64(const std::string& text) {
  auto result = std::string((text.size() + 2) / 3 * 4 + 1, '\0');
  auto size
    = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  result.resize(static_cast<std::size_t>(size));
  return result;
}

/// @returns whether `host` is in the network, or is the address, `entry`.
template <class Make>
bool is_within(const std::string& host, const std::string& entry,
               const char* all_bits, Make make) {
  boost::system::error_code no_host;
  boost::system::error_code no_entry;
  auto one = make(host + all_bits, no_host);
  auto many = make(
    entry.find('/') == std::string::npos ? entry + all_bits : entry, no_entry);
  return !no_host && !no_entry
         && (one == many || one.is_subnet_of(many.canonical()));
}

bool matches(const std::string& host, const std::string& entry) {
  if (entry == "*" || host == entry)
    return true;
  auto v4 = [](const std::string& text, boost::system::error_code& error) {
    return ip::make_network_v4(text, error);
  };
  auto v6 = [](const std::string& text, boost::system::error_code& error) {
    return ip::make_network_v6(text, error);
  };
  if (is_within(host, entry, "/32", v4) || is_within(host, entry, "/128", v6))
    return true;
  // "example.org", ".example.org" and "*.example.org" hold what is below.
  auto domain
    = entry.substr(std::min(entry.find_first_not_of("*."), entry.size()));
  return !domain.empty() && (host == domain || host.ends_with("." + domain));
}

/// @returns "host" of "host:port" if the port is `port`, the whole text if it
/// names none, nothing if it names another one.
std::string host_in(const std::string& entry, std::string_view port) {
  auto named = split_host_port(entry);
  return std::string{named.port.value_or(port) == port ? named.host : ""};
}

bool is_this_machine(const std::string& host) {
  boost::system::error_code no_address;
  auto address = ip::make_address(host, no_address);
  return host == "localhost" || host.ends_with(".localhost")
         || (!no_address && address.is_loopback());
}

bool is_excepted(const endpoint& to, const std::string& list) {
  auto host = lower_case(to.host);
  if (is_this_machine(host))
    return true;
  constexpr auto separators = std::string_view{", \t"};
  auto rest = std::string_view{list};
  while (!rest.empty()) {
    auto entry = rest.substr(0, rest.find_first_of(separators));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    auto named = host_in(lower_case(entry), to.port);
    if (!named.empty() && matches(host, named))
      return true;
  }
  return false;
}

} // namespace

std::string proxy::name() const {
  auto bracket = host.find(':') != std::string::npos;
  return (bracket ? "[" + host + "]" : host) + ":" + port;
}

caf::expected<std::optional<proxy>>
proxy_for(const endpoint& to, const proxy_settings& settings) {
  auto url = to.tls ? settings.https : settings.http;
  if (url.empty() || is_excepted(to, settings.none))
    return std::optional<proxy>{};
  auto refuse = [&](const std::string& rule) {
    return make_failure(ec::invalid_argument,
                        std::string{to.tls ? "HTTPS_PROXY" : "HTTP_PROXY"}
                          + ": " + rule);
  };
  if (url.find("://") == std::string::npos)
    url = "http://" + url;
  // Not left to the library, which computes modulo 2^16.
  auto named = split_host_port(split_url(url).authority).port.value_or("");
  if (!named.empty() && !is_port(named))
    return refuse("has a port outside 1 to 65535");
  auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed || parsed->encoded_host().empty())
    return refuse("must be a URL such as http://proxy.example.org:3128");
  if (parsed->scheme_id() != boost::urls::scheme::http)
    return refuse("must begin with http://: proxies of other kinds (https, "
                  "socks) are not spoken to");
  proxy result;
  result.host = parsed->host_address();
  result.port = named.empty() ? "80" : named;
  if (parsed->has_userinfo())
    result.authorization
      = "Basic " + in_base64(parsed->user() + ":" + parsed->password());
  return std::optional{std::move(result)};
}

void address_through(http_request& request, const endpoint& to,
                     const proxy& via) {
  auto target = request.target();
  request.target("http://" + to.host_header
                 + std::string{target.data(), target.size()});
  if (!via.authorization.empty())
    request.set(boost::beast::http::field::proxy_authorization,
                via.authorization);
}

} // namespace stravasync::strava
