#include "adapters/http/problem.hpp"

#include "adapters/http/json_text.hpp"
#include "adapters/http/response_text.hpp"
#include "messages/error.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace stravasync::http {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int status_of(ec code) {
  switch (code) {
    case ec::invalid_argument:
    case ec::malformed:
      return 400;
    case ec::not_found:
      return 404;
    case ec::already_exists:
    case ec::conflict:
    case ec::needs_reauth:
    case ec::scope_missing:
      return 409;
    case ec::unavailable:
    case ec::exhausted:
    case ec::rate_limited:
    case ec::denied:
      return 503;
    case ec::timed_out:
      return 504;
    case ec::rejected:
    case ec::forbidden:
    case ec::upstream_failed:
      return 502;
    case ec::full:
      return 507;
    case ec::none:
    case ec::internal:
      return 500;
  }
  return 500;
}

/// Actors write "field: rule" about input that breaks one.
void name_field(problem& what) {
  constexpr auto name_letters = "abcdefghijklmnopqrstuvwxyz_.";
  auto end = what.detail.find_first_not_of(name_letters);
  if (end == 0 || end == std::string::npos
      || what.detail.compare(end, 2, ": ") != 0)
    return;
  what.field = what.detail.substr(0, end);
  what.rule = what.detail.substr(end + 2);
}

} // namespace

problem bad_input(std::string field, std::string rule) {
  auto detail = field + " must be " + rule;
  return {.status = 400,
          .code = to_string(ec::invalid_argument),
          .detail = std::move(detail),
          .field = std::move(field),
          .rule = std::move(rule)};
}

problem too_busy(std::string detail) {
  return {.status = 503,
          .code = to_string(ec::exhausted),
          .detail = std::move(detail),
          .retry_after = seconds{1}};
}

problem problem_of(const caf::error& error) {
  auto code = code_of(error);
  auto status = status_of(code);
  auto result = problem{.status = status};
  if (status == 500) {
    result.detail = "something broke on our side; the log says what";
    return result;
  }
  result.code = to_string(code);
  result.detail = detail_of(error);
  if (code == ec::invalid_argument)
    name_field(result);
  if (status == 503 || status == 507)
    result.retry_after = retry_after_of(error).value_or(seconds{1});
  return result;
}

response to_response(const problem& what) {
  auto result = response{.status = what.status,
                         .content_type = "application/problem+json"};
  {
    json_object document{result.body};
    document.text("type", "urn:stravasync:problem:" + what.code)
      .text("title", reason_phrase(what.status))
      .number("status", what.status)
      .text("detail", as_utf8(what.detail)); // It may quote a client.
    if (!what.field.empty())
      document.text("field", as_utf8(what.field));
    if (!what.rule.empty())
      document.text("rule", as_utf8(what.rule));
  }
  if (what.retry_after) {
    auto whole = std::chrono::ceil<seconds>(*what.retry_after);
    result.headers.emplace_back(
      "Retry-After", std::to_string(std::max(whole, seconds{1}).count()));
  }
  return result;
}

} // namespace stravasync::http
