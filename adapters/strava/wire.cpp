#include "adapters/strava/wire.hpp"

#include "adapters/strava/fault.hpp"
#include "adapters/strava/rate_headers.hpp"
#include "adapters/strava/timestamp.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <string_view>

namespace stravasync::strava {

namespace http = boost::beast::http;

namespace {

std::string_view text_of(const http::fields& headers, std::string_view name) {
  auto value = headers[{name.data(), name.size()}];
  return {value.data(), value.size()};
}

} // namespace

rate_usage usage_of(const http::fields& headers) {
  rate_usage result;
  auto read = [&](std::string_view name, std::uint32_t least) {
    auto text = text_of(headers, name);
    auto pair = parse_rate_pair(text, least);
    if (is_rate_nonsense(text, pair))
      result.nonsense = printable(std::string{name} + ": " + std::string{text});
    return pair;
  };
  // A limit of 0 would end all calls, and so its own correction.
  result.overall_limit = read("X-RateLimit-Limit", 1);
  result.overall_used = read("X-RateLimit-Usage", 0);
  result.read_limit = read("X-ReadRateLimit-Limit", 1);
  result.read_used = read("X-ReadRateLimit-Usage", 0);
  result.date_ms = parse_http_date(text_of(headers, "Date")).value_or(0);
  return result;
}

std::string location_of(const http::fields& headers) {
  return std::string{text_of(headers, "Location")};
}

http_request wire_request(const outgoing_request& request, const endpoint& to,
                          const std::string& user_agent) {
  http_request result;
  result.version(11);
  result.method(request.post ? http::verb::post : http::verb::get);
  result.target(to.path + request.target);
  result.set(http::field::host, to.host_header);
  result.set(http::field::user_agent, user_agent);
  result.set(http::field::accept, "application/json");
  result.set(http::field::accept_encoding, "identity");
  if (!request.bearer.empty())
    result.set(http::field::authorization, "Bearer " + request.bearer);
  if (request.post) {
    result.set(http::field::content_type, "application/x-www-form-urlencoded");
    result.body() = request.form;
    result.prepare_payload();
  }
  return result;
}

} // namespace stravasync::strava
