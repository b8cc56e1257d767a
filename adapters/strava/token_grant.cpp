#include "adapters/strava/token_grant.hpp"

#include "adapters/strava/json_members.hpp"
#include "adapters/strava/json_text.hpp"
#include "messages/error.hpp"

#include <simdjson.h>

namespace stravasync::strava {

namespace {

namespace dom = simdjson::dom;

caf::error nonsense(const std::string& detail) {
  return make_failure(ec::upstream_failed, "Strava's token answer " + detail);
}

/// @returns the seconds under `key`, or 0.
std::int64_t seconds_of(dom::element from, std::string_view key) {
  constexpr auto end_of_time = 253'402'300'800.0; // Year 10000.
  auto value = 0.0;
  if (from[key].get(value) != simdjson::SUCCESS || !(value > 0)
      || !(value < end_of_time))
    return 0;
  return static_cast<std::int64_t>(value);
}

/// @returns the object under "athlete" as it stands in `body`, or nothing.
std::string athlete_text(const std::string& body) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object athlete;
  std::string_view text;
  auto padded = simdjson::padded_string_view(body.data(), body.size(),
                                             body.capacity());
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS
      || document["athlete"].get_object().get(athlete) != simdjson::SUCCESS
      || athlete.raw_json().get(text) != simdjson::SUCCESS)
    return {};
  return std::string{text.substr(0, text.find_last_not_of(" \t\r\n") + 1)};
}

} // namespace

caf::expected<token_grant>
parse_token_grant(std::string body, unix_ms now_ms, bool needs_athlete) {
  // A name that is no Unicode must not cost the tokens: they come only once.
  if (find_fault(body))
    body = with_unicode(body);
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  dom::parser parser;
  dom::element document;
  if (parser.parse(body.data(), body.size(), false).get(document)
        != simdjson::SUCCESS
      || !document.is_object())
    return nonsense("is no JSON object");
  token_grant result;
  result.access_token = text_of(document, "access_token");
  if (result.access_token.empty())
    return nonsense("has no access_token");
  result.refresh_token = text_of(document, "refresh_token");
  if (result.refresh_token.empty())
    return nonsense("has no refresh_token");
  result.expires_at_ms = seconds_of(document, "expires_at") * 1'000;
  if (auto left = seconds_of(document, "expires_in");
      result.expires_at_ms == 0 && left > 0)
    result.expires_at_ms = now_ms + left * 1'000;
  if (result.expires_at_ms == 0)
    return nonsense("has neither expires_at nor expires_in");
  result.scope = text_of(document, "scope");
  result.athlete_json = athlete_text(body);
  if (needs_athlete && result.athlete_json.empty())
    return nonsense("names no athlete");
  return result;
}

} // namespace stravasync::strava
