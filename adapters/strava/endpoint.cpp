#include "adapters/strava/endpoint.hpp"

#include "messages/error.hpp"
#include "messages/text/hex.hpp"
#include "messages/text/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace stravasync::strava {

namespace {

template <class Text>
std::string copy_of(const Text& text) {
  return {text.data(), text.size()};
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9')
         || std::string_view{"-._~,:"}.find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view text) {
  for (auto c : text)
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += '%';
      append_hex(out, static_cast<unsigned char>(c), hex_letters::upper);
    }
}

} // namespace

std::string endpoint::name() const {
  auto bracket = host.find(':') != std::string::npos;
  return (bracket ? "[" + host + "]" : host) + ":" + port;
}

caf::expected<endpoint>
parse_endpoint(std::string_view url, std::string_view setting) {
  auto refuse = [setting](std::string_view rule) {
    return make_failure(ec::invalid_argument,
                        std::string{setting} + ": " + std::string{rule});
  };
  auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed)
    return refuse("must be an absolute URL such as "
                  "https://www.strava.com/oauth");
  auto scheme = parsed->scheme_id();
  if (scheme != boost::urls::scheme::http
      && scheme != boost::urls::scheme::https)
    return refuse("must begin with http:// or https://");
  if (parsed->has_userinfo())
    return refuse("must not hold a user name or password");
  if (parsed->has_query() || parsed->has_fragment())
    return refuse("must not hold a query or fragment");
  if (parsed->encoded_host().empty())
    return refuse("names no host");
  // Not left to the library: Boost 1.81 takes a port of letters for the path
  // and computes 99999 modulo 2^16.
  if (parsed->has_port() && !is_port(copy_of(parsed->port())))
    return refuse("has a port outside 1 to 65535");
  endpoint result;
  result.tls = scheme == boost::urls::scheme::https;
  result.host = parsed->host_address();
  result.port = copy_of(parsed->port());
  result.host_header = copy_of(parsed->encoded_host());
  if (result.port.empty())
    result.port = result.tls ? "443" : "80";
  else
    result.host_header += ":" + result.port;
  result.path = copy_of(parsed->encoded_path());
  while (result.path.ends_with('/'))
    result.path.pop_back();
  return result;
}

std::string form_of(
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string result;
  for (const auto& [name, value] : fields) {
    if (!result.empty())
      result += '&';
    result += name;
    result += '=';
    append_encoded(result, value);
  }
  return result;
}

} // namespace stravasync::strava
