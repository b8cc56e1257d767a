#include "adapters/strava/fault.hpp"

#include "adapters/strava/json_members.hpp"
#include "messages/error.hpp"
#include "messages/text/ascii.hpp"

#include <simdjson.h>

#include <algorithm>

namespace stravasync::strava {

namespace {

constexpr auto permission_suffix = std::string_view{"_permission"};
constexpr auto entries_max = std::size_t{8};

/// "Strava answered 401: Authorization Error (Athlete access_token invalid)".
std::string describe(const refusal& answer, const fault& what) {
  if (answer.status == 407)
    return "a proxy on the way to Strava asks for a login (407)";
  auto result = "Strava answered " + std::to_string(answer.status);
  if (!what.is_json)
    return result + " without a JSON object ("
           + std::to_string(answer.body.size()) + " bytes)";
  std::string text = what.message;
  for (const auto& entry : what.errors)
    text += " (" + entry.resource + " " + entry.field + " " + entry.code + ")";
  return text.empty() ? result : result + ": " + printable(text);
}

template <class Predicate>
bool any_entry(const fault& what, Predicate predicate) {
  return std::ranges::any_of(what.errors, predicate);
}

/// In any case of letters: the words differ between the years.
/// @param words In lower case.
bool mentions(std::string_view text, std::string_view words) {
  return lower_case(text).find(words) != std::string::npos;
}

/// Until 2017 the status of a rate limit was 403, which has other meanings: it
/// is told by the words, of JSON or of a front end's page.
bool says_rate_limit(const refusal& answer, const fault& what) {
  constexpr auto words = std::string_view{"rate limit exceeded"};
  if (!what.is_json)
    return mentions(answer.body, words);
  return mentions(what.message, words)
         || any_entry(what, [](const auto& entry) {
              return mentions(entry.field, "rate limit")
                     && mentions(entry.code, "exceeded");
            });
}

/// A 403 that names something else than the application is about that one
/// request.
ec code_of_forbidden(const fault& what) {
  if (!what.is_json)
    return ec::upstream_failed;
  auto is_ours = [](const auto& entry) {
    return entry.resource == "Application";
  };
  return what.errors.empty() || any_entry(what, is_ours) ? ec::forbidden
                                                         : ec::rejected;
}

bool names_resource(const fault& what, std::string_view resource) {
  return any_entry(
    what, [&](const auto& entry) { return entry.resource == resource; });
}

/// What a status means for every endpoint.
ec code_of_status(int status) {
  // Only proxies say it, this one in the way without being asked.
  if (status == 407)
    return ec::upstream_failed;
  if (status >= 300 && status < 400)
    return ec::rejected;
  // 408 is how a load balancer closes a connection it found idle.
  if (status >= 400 && status < 500 && status != 408)
    return ec::rejected;
  return ec::upstream_failed;
}

caf::error redirect_failure(const refusal& answer) {
  // The query may carry anything; the rest says where the setting should go.
  auto target = answer.location.substr(0, answer.location.find_first_of("?#"));
  return make_failure(ec::rejected, "Strava answered "
                                      + std::to_string(answer.status)
                                      + ", a redirect to '" + printable(target)
                                      + "', and redirects are not followed");
}

caf::error unauthorized_failure(const refusal& answer, const fault& what) {
  auto entry = std::ranges::find_if(what.errors, [](const auto& candidate) {
    return candidate.code == "missing"
           && candidate.field.ends_with(permission_suffix);
  });
  if (entry == what.errors.end())
    return make_failure(ec::needs_reauth, describe(answer, what));
  auto scope
    = entry->field.substr(0, entry->field.size() - permission_suffix.size());
  return make_failure(ec::scope_missing, "the athlete did not grant the scope "
                                           + printable(scope));
}

} // namespace

std::string printable(std::string_view text) {
  constexpr auto size_max = std::size_t{200};
  auto result = std::string{text.substr(0, size_max)};
  std::ranges::replace_if(
    result, [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

fault parse_fault(std::string_view body) {
  fault result;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS
      || !document.is_object())
    return result;
  result.is_json = true;
  result.message = text_of(document, "message");
  simdjson::dom::array errors;
  if (document["errors"].get(errors) != simdjson::SUCCESS)
    return result;
  for (auto element : errors)
    if (element.is_object() && result.errors.size() < entries_max)
      result.errors.push_back({text_of(element, "resource"),
                               text_of(element, "field"),
                               text_of(element, "code")});
  return result;
}

caf::error api_failure(const refusal& answer) {
  auto what = parse_fault(answer.body);
  if (answer.status >= 300 && answer.status < 400)
    return redirect_failure(answer);
  if (answer.status == 429
      || (answer.status == 403 && says_rate_limit(answer, what)))
    return make_failure(ec::rate_limited, describe(answer, what));
  if (answer.status == 401)
    return unauthorized_failure(answer, what);
  // A 403 that is no fault of the API's comes from a front end that blocks us
  // for now; it says nothing about the application.
  if (answer.status == 403)
    return make_failure(code_of_forbidden(what), describe(answer, what));
  if (answer.status == 404)
    return make_failure(ec::not_found, describe(answer, what));
  return make_failure(code_of_status(answer.status), describe(answer, what));
}

caf::error oauth_failure(const refusal& answer) {
  auto what = parse_fault(answer.body);
  if (answer.status >= 300 && answer.status < 400)
    return redirect_failure(answer);
  auto refused = answer.status == 400 || answer.status == 401;
  if (refused && names_resource(what, "Application"))
    return make_failure(ec::forbidden, describe(answer, what));
  if (refused
      && (answer.status == 401 || names_resource(what, "RefreshToken")
          || names_resource(what, "AuthorizationCode")
          || names_resource(what, "RequestToken")))
    return make_failure(ec::needs_reauth, describe(answer, what));
  // These calls are outside the rate limits: a 429 settles no budget.
  if (answer.status == 429
      || (answer.status == 403 && says_rate_limit(answer, what)))
    return make_failure(ec::upstream_failed, describe(answer, what));
  if (answer.status == 403)
    return make_failure(what.is_json ? ec::forbidden : ec::upstream_failed,
                        describe(answer, what));
  return make_failure(code_of_status(answer.status), describe(answer, what));
}

} // namespace stravasync::strava
