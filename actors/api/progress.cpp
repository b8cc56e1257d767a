#include "actors/api/progress.hpp"

#include "messages/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace stravasync {

namespace {

bool granted_one(std::string_view granted, std::string_view scope) {
  while (!granted.empty()) {
    auto end = granted.find_first_of(", ");
    if (granted.substr(0, end) == scope)
      return true;
    if (end == std::string_view::npos)
      return false;
    granted.remove_prefix(end + 1);
  }
  return false;
}

bool is_whole_history(const sync_run& run) {
  return run.mode == jobs::v1::SYNC_MODE_BACKFILL;
}

} // namespace

bool is_final(events::v1::SyncState state) {
  return state == events::v1::SYNC_STATE_COMPLETE
         || state == events::v1::SYNC_STATE_FAILED
         || state == events::v1::SYNC_STATE_NEEDS_REAUTH;
}

std::vector<std::string> missing_scopes(std::string_view granted) {
  constexpr auto needed = std::array{"activity:read_all", "activity:read",
                                     "profile:read_all"};
  std::vector<std::string> missing;
  for (const auto* scope : needed) {
    auto implied = std::string_view{scope} == "activity:read"
                   && granted_one(granted, "activity:read_all");
    if (!implied && !granted_one(granted, scope))
      missing.emplace_back(scope);
  }
  return missing;
}

bool may_list_activities(std::string_view granted) {
  return granted_one(granted, "activity:read")
         || granted_one(granted, "activity:read_all");
}

bool may_see_private(std::string_view granted) {
  return granted_one(granted, "activity:read_all");
}

bool has_history(const sync_run& newest) {
  return !is_whole_history(newest)
         || newest.state == events::v1::SYNC_STATE_COMPLETE;
}

std::int64_t expected_activities(const athlete& whose, const sync_run& run,
                                 std::int64_t stored) {
  if (run.state == events::v1::SYNC_STATE_COMPLETE || !is_whole_history(run))
    return stored;
  if (run.activities_listed == 0 || whose.strava_created_at_ms == 0)
    return 0;
  auto covered = static_cast<double>(run.newest_start_ms - run.oldest_start_ms);
  auto whole
    = static_cast<double>(run.newest_start_ms - whose.strava_created_at_ms);
  if (covered <= 0 || whole <= covered)
    return stored;
  auto listed = static_cast<double>(run.activities_listed);
  return std::max<std::int64_t>(stored, std::llround(listed * whole / covered));
}

std::int64_t eta_s(const sync_run& run, std::int64_t stored,
                   std::int64_t expected, unix_ms now) {
  auto state = static_cast<events::v1::SyncState>(run.state);
  if (is_final(state))
    return 0;
  auto waits_ms = std::max<unix_ms>(0, run.resumes_at_ms - now);
  if (expected == 0 || run.activities_listed == 0)
    return -1;
  auto elapsed_ms = std::max<unix_ms>(1, now - run.started_at_ms);
  auto left = std::max<std::int64_t>(0, expected - stored);
  auto ms = static_cast<double>(left) * static_cast<double>(elapsed_ms)
            / static_cast<double>(run.activities_listed);
  auto total_ms = std::max(ms, static_cast<double>(waits_ms));
  return std::llround(total_ms / ms_per_s);
}

events::v1::SyncStatus
status_of(const athlete& whose, const athlete_figures& figures, unix_ms now) {
  const auto& run = figures.newest_run;
  const auto& absent = figures.absences;
  auto stored = figures.activities;
  events::v1::SyncStatus result;
  result.set_athlete_id(whose.id);
  result.set_activities_stored(stored);
  result.set_failed(figures.unread);
  result.set_missing_activities(absent.unseen + absent.doubted);
  result.set_missing_since_ms(absent.since_ms);
  result.set_missing_doubted(absent.doubted > 0);
  result.set_hidden_activities(absent.hidden);
  for (auto& scope : missing_scopes(whose.scope))
    result.add_missing_scopes(std::move(scope));
  if (!run) {
    result.set_state(may_list_activities(whose.scope)
                       ? events::v1::SYNC_STATE_QUEUED
                       : events::v1::SYNC_STATE_NEEDS_REAUTH);
    result.set_eta_s(-1);
    return result;
  }
  result.set_run_id(run->id);
  result.set_mode(static_cast<jobs::v1::SyncMode>(run->mode));
  result.set_state(static_cast<events::v1::SyncState>(run->state));
  result.set_reason(run->reason);
  result.set_expected(expected_activities(whose, *run, stored));
  result.set_pages_stored(static_cast<std::uint32_t>(run->pages_stored));
  result.set_started_at_ms(run->started_at_ms);
  result.set_updated_at_ms(run->updated_at_ms);
  result.set_finished_at_ms(run->finished_at_ms);
  result.set_resumes_at_ms(run->resumes_at_ms);
  result.set_eta_s(eta_s(*run, stored, result.expected(), now));
  return result;
}

} // namespace stravasync
