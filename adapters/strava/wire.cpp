#include "adapters/strava/wire.hpp"

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
  result.overall_limit = parse_rate_pair(text_of(headers, "X-RateLimit-Limit"));
  result.overall_used = parse_rate_pair(text_of(headers, "X-RateLimit-Usage"));
  result.read_limit
    = parse_rate_pair(text_of(headers, "X-ReadRateLimit-Limit"));
  result.read_used = parse_rate_pair(text_of(headers, "X-ReadRateLimit-Usage"));
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
