#include "actors/api/lost_runs.hpp"

#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"
#include "actors/api/start_times.hpp"
#include "actors/paging.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace stravasync {

namespace {

constexpr auto ms_per_s = 1'000;

const durable_state*
find_durable(const stream_state& in, const std::string& name) {
  auto found = std::ranges::find(in.durables, name, &durable_state::name);
  return found == in.durables.end() ? nullptr : &*found;
}

/// Absences looked at in one go: a small history has few.
constexpr auto absences_max = std::uint32_t{1'000};

/// @returns whether it was begun.
caf::expected<bool>
begin_second_look(transaction& tx, std::int64_t athlete_id, unix_ms now) {
  auto whose = find_athlete(tx, athlete_id);
  if (!whose)
    return whose.error();
  auto keys = tx.credentials().get({athlete_id});
  if (!keys)
    return keys.error();
  auto newest = tx.queries().newest_run(athlete_id);
  if (!newest)
    return newest.error();
  auto may = *keys && !(*keys)->revoked && may_list_activities(whose->scope);
  auto is_free
    = *newest && has_history(**newest)
      && is_final(static_cast<events::v1::SyncState>((*newest)->state));
  if (!may || !is_free)
    return false;
  auto why = start_run(tx, *whose, *newest, jobs::v1::SYNC_MODE_RELIST,
                       jobs::v1::LANE_BACKFILL, now, 0);
  return why ? caf::expected<bool>{why} : true;
}

caf::error end_torn(transaction& tx, sync_run run, unix_ms now) {
  auto whose = find_athlete(tx, run.athlete_id);
  if (!whose)
    return whose.error();
  run.state = events::v1::SYNC_STATE_FAILED;
  run.reason = "a fetched page was lost before it was stored; sync again to "
               "fetch it once more";
  run.finished_at_ms = run.updated_at_ms = now;
  run.resumes_at_ms = 0;
  // Going on behind the gap would leave it.
  run.next_job.clear();
  if (auto why = tx.sync_runs().update(run))
    return why;
  return announce_progress(tx, *whose, now, "torn/" + std::to_string(now));
}

} // namespace

run_movers
movers_of(const std::vector<stream_state>& streams, const std::string& jobs,
          const std::string& pages, const std::string& words) {
  run_movers result;
  for (const auto& one : streams) {
    if (one.config.name == stream_of(jobs::v1::SyncAthlete{})) {
      result.first_job = one.first_sequence;
      result.last_job = one.last_sequence;
    }
    if (const auto* found = find_durable(one, jobs))
      result.jobs_settled_to = found->settled_to;
    if (const auto* found = find_durable(one, pages))
      result.pages_settled_to = found->settled_to;
    if (const auto* found = find_durable(one, words))
      result.words_wait = found->pending + found->ack_pending > 0;
  }
  return result;
}

run_verdict judge_run(const sync_run& run, const run_traces& traces,
                      const run_movers& movers) {
  auto job_waits = traces.job > movers.jobs_settled_to;
  auto page_waits = traces.page > movers.pages_settled_to;
  // A job that was given up leaves a word that says so.
  if (job_waits || page_waits || (traces.job > 0 && movers.words_wait))
    return run_verdict::goes_on;
  jobs::v1::SyncAthlete next;
  next.ParseFromString(run.next_job);
  auto wanted = run.pages_stored + 1;
  auto is_whole = run.next_job.empty() ? run.pages_stored == 0
                                       : next.page_number() == wanted;
  // A page that is in the stream is not fetched again: it was refused.
  auto was_refused = traces.page > 0
                     && std::int64_t{traces.page_number} >= wanted;
  return is_whole && !was_refused ? run_verdict::lost : run_verdict::torn;
}

bool is_still(const sync_run& run, unix_ms now, milliseconds quiet) {
  auto since = now - run.updated_at_ms;
  return !is_final(static_cast<events::v1::SyncState>(run.state))
         && (since >= quiet.count() || -since >= quiet.count());
}

std::optional<jobs::v1::SyncAthlete>
next_job_of(const sync_run& run, const athlete& whose, std::int64_t overlap_s,
            unix_ms now) {
  jobs::v1::SyncAthlete job;
  if (!run.next_job.empty())
    return job.ParseFromString(run.next_job) ? std::optional{job}
                                             : std::nullopt;
  if (run.pages_stored > 0)
    return std::nullopt;
  job.set_athlete_id(run.athlete_id);
  job.set_run_id(run.id);
  job.set_mode(static_cast<jobs::v1::SyncMode>(run.mode));
  job.set_lane(jobs::v1::LANE_BACKFILL);
  job.set_page_number(1);
  job.set_run_started_at_ms(run.started_at_ms);
  *job.mutable_position() = first_position(job.mode(), newest_start_s(whose),
                                           overlap_s, now / ms_per_s);
  return job;
}

caf::expected<bool>
mend_run(transaction& tx, const sync_run& judged, run_verdict verdict,
         unix_ms now, std::int64_t overlap_s) {
  if (verdict == run_verdict::goes_on)
    return false;
  auto found = tx.sync_runs().get({judged.id});
  if (!found)
    return found.error();
  if (!*found || **found != judged)
    return false;
  if (verdict == run_verdict::torn) {
    auto why = end_torn(tx, judged, now);
    return why ? caf::expected<bool>{why} : true;
  }
  auto whose = find_athlete(tx, judged.athlete_id);
  if (!whose)
    return whose.error();
  if (auto why = correct_newest(tx, *whose, now))
    return why;
  auto job = next_job_of(judged, *whose, overlap_s, now);
  if (!job)
    return make_failure(ec::internal, "a run's next job cannot be read");
  auto why = resume_run(tx, *whose, judged, std::move(*job), now);
  return why ? caf::expected<bool>{why} : true;
}

caf::expected<std::size_t>
begin_second_looks(transaction& tx, unix_ms before_ms, unix_ms now) {
  list_query query;
  query.where.push_back({"kind", condition::relation::equal,
                         static_cast<std::int64_t>(absence_kind::unseen)});
  query.where.push_back(
    {"since_ms", condition::relation::less_than, before_ms + 1});
  query.limit = absences_max;
  auto rows = tx.absences().list(query);
  if (!rows)
    return rows.error();
  std::set<std::int64_t> athletes;
  for (const auto& one : rows->items)
    athletes.insert(one.athlete_id);
  auto begun = std::size_t{0};
  for (auto id : athletes) {
    auto done = begin_second_look(tx, id, now);
    if (!done)
      return done.error();
    begun += *done ? 1 : 0;
  }
  return begun;
}

} // namespace stravasync
