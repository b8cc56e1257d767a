#include "adapters/strava/activities_page.hpp"
#include "adapters/strava/client_parts.hpp"
#include "adapters/strava/fault.hpp"
#include "adapters/strava/strava_client.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync::strava {

namespace {

constexpr auto per_page_max = std::uint32_t{200};

/// @returns the rule that `request` breaks, or nothing.
std::string_view broken_rule(const activities_request& request) {
  if (!is_header_token(request.access_token))
    return "access_token: must be visible ASCII and not empty";
  if (request.per_page == 0 || request.per_page > per_page_max)
    return "per_page: must be 1 to 200";
  const auto& position = request.position;
  if (position.before_s() < 0 || position.after_s() < 0)
    return "position: times must not be negative";
  if (position.has_before_s() && position.has_after_s())
    return "position: before_s and after_s exclude each other";
  return {};
}

std::string target_of(const activities_request& request) {
  const auto& position = request.position;
  auto result = std::string{"/athlete/activities?"};
  if (position.has_before_s())
    result += "before=" + std::to_string(position.before_s()) + "&";
  if (position.has_after_s())
    result += "after=" + std::to_string(position.after_s()) + "&";
  result += "page=" + std::to_string(std::max(position.page(), 1U));
  return result + "&per_page=" + std::to_string(request.per_page);
}

caf::expected<activities_response> read_answer(pool_answer& answer) {
  if (answer.too_large) {
    activities_response result;
    result.unreadable = keep_unreadable(detail_of(answer.failure), answer.body,
                                        0);
    return result;
  }
  if (answer.failure)
    return std::move(answer.failure);
  if (answer.report.status == 200)
    return parse_activities(answer.body);
  return api_failure({answer.report.status, answer.body, answer.location});
}

/// A token that the answer repeats is not kept with what cannot be read.
void mask_excerpt(caf::expected<activities_response>& value,
                  const std::string& token) {
  if (value && value->unreadable) {
    mask(value->unreadable->excerpt, {token});
    mask(value->unreadable->reason, {token});
  }
}

class api_client final : public strava_api {
public:
  explicit api_client(std::unique_ptr<connection_pool> pool)
    : pool_(std::move(pool)) {
  }

  void list_activities(
    activities_request request,
    std::function<void(strava_result<activities_response>)> done) override {
    if (auto rule = broken_rule(request); !rule.empty()) {
      pool_->post([rule, done = std::move(done)] {
        done({{}, make_failure(ec::invalid_argument, std::string{rule})});
      });
      return;
    }
    auto outgoing = outgoing_request{.target = target_of(request),
                                     .bearer = request.access_token};
    pool_->submit(
      std::move(outgoing),
      [done = std::move(done),
       token = std::move(request.access_token)](pool_answer answer) {
        if (answer.report.status != 200) // Before texts are shortened.
          mask(answer.body, {token});
        auto value = read_answer(answer);
        mask_excerpt(value, token);
        if (!value)
          value = without_secrets(std::move(value.error()), {token});
        // Whoever counts permits knows rate limits by this status.
        if (!value && code_of(value.error()) == ec::rate_limited)
          answer.report.status = 429;
        done({answer.report, std::move(value)});
      });
  }

private:
  std::unique_ptr<connection_pool> pool_;
};

} // namespace

caf::expected<std::unique_ptr<strava_api>>
open_api(const client_options& options) {
  auto pool = open_pool(options, options.api_url, api_url_setting);
  if (!pool)
    return std::move(pool.error());
  return std::make_unique<api_client>(std::move(*pool));
}

} // namespace stravasync::strava
