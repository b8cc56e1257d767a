#pragma once

#include "actors/ports/strava_api.hpp"
#include "adapters/strava/endpoint.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>

namespace stravasync::strava {

struct outgoing_request {
  bool post = false;
  std::string target; // After the endpoint's path, with the query.
  std::string bearer; // Empty: no Authorization header.
  std::string form;   // A POST's body.
};

using http_request
  = boost::beast::http::request<boost::beast::http::string_body>;

/// @returns the request as it goes over the wire.
[[nodiscard]] http_request
wire_request(const outgoing_request& request, const endpoint& to,
             const std::string& user_agent);

/// @returns what a response's headers tell about rate limits and time.
[[nodiscard]] rate_usage usage_of(const boost::beast::http::fields& headers);

/// @returns where a redirect points, or nothing.
[[nodiscard]] std::string
location_of(const boost::beast::http::fields& headers);

} // namespace stravasync::strava
