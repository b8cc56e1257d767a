#include "tests/support/simulated_strava.hpp"

#include "messages/error.hpp"

#include <chrono>
#include <utility>

namespace test {

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto ms_per_s = 1'000;

strava_sim::list_query query_of(const activities_request& request) {
  strava_sim::list_query result;
  const auto& at = request.position;
  if (at.has_before_s())
    result.before_s = at.before_s();
  if (at.has_after_s())
    result.after_s = at.after_s();
  result.page = std::max(1U, at.page());
  result.per_page = request.per_page;
  result.with_only_me = true;
  return result;
}

} // namespace

simulated_strava::simulated_strava(wall_clock now, std::size_t activities_each,
                                   strava_sim::rate_limits limits)
  : now_{std::move(now)},
    athletes_{{.activities_per_athlete = activities_each}, {}},
    windows_{limits, 15min} {
}

std::int64_t simulated_strava::newest_start_s(std::int64_t athlete_id) {
  auto all = athletes_.find(athlete_id).history.entries();
  return all.empty() ? 0 : all.front().start_s;
}

rate_usage simulated_strava::usage() const {
  const auto& limits = windows_.limits();
  const auto& used = windows_.history().back();
  rate_usage result;
  result.overall_limit = {limits.short_all, limits.day_all};
  result.overall_used = {used.all, windows_.day().all};
  result.read_limit = {limits.short_read, limits.day_read};
  result.read_used = {used.read, windows_.day().read};
  result.date_ms = now_() / ms_per_s * ms_per_s;
  return result;
}

void simulated_strava::list_activities(
  activities_request request,
  std::function<void(strava_result<activities_response>)> done) {
  ++calls_;
  strava_result<activities_response> result;
  result.report = {.sent = true, .status = 200, .sent_count = 1};
  auto within = windows_.count(now_(), true);
  result.report.usage = usage();
  if (within != strava_sim::rate_verdict::within) {
    ++refused_;
    result.report.status = 429;
    result.value = make_failure(ec::rate_limited, "Rate Limit Exceeded");
    return done(std::move(result));
  }
  auto& whose = athletes_.find(std::stoll(request.access_token));
  activities_response page;
  for (const auto& one :
       list_page(whose.history.entries(), query_of(request), {}))
    page.items.push_back({one.id, one.start_s, whose.history.json(one)});
  result.value = std::move(page);
  done(std::move(result));
}

std::string
simulated_strava::authorize_url(const std::string&, const std::string&) const {
  return {};
}

void simulated_strava::exchange_code(std::string,
                                     completion<token_grant> done) {
  done(make_failure(ec::rejected, "nobody connects here"));
}

void simulated_strava::refresh(std::string refresh_token,
                               completion<token_grant> done) {
  constexpr auto lifetime_ms = unix_ms{21'600'000};
  token_grant result;
  result.access_token = refresh_token;
  result.refresh_token = std::move(refresh_token);
  result.expires_at_ms = now_() + lifetime_ms;
  done(std::move(result));
}

void simulated_strava::deauthorize(std::string, completion<bool> done) {
  done(true);
}

} // namespace test
