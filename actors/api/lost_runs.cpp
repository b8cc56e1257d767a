#include "actors/api/lost_runs.hpp"

#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"
#include "actors/api/start_times.hpp"
#include "actors/paging.hpp"
#include "messages/error.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace stravasync {

namespace {

const durable_state*
find_durable(const stream_state& in, const std::string& name) {
  auto found = std::ranges::find(in.durables, name, &durable_state::name);
  return found == in.durables.end() ? nullptr : &*found;
}

/// Whether nothing was heard of the run for so long, and nothing is to be.
bool is_quiet(const sync_run& run, const run_patience& patience) {
  auto ahead = run.resumes_at_ms - patience.now;
  // A job waits for the next day's requests at most.
  auto is_due = ahead > -patience.quiet.count()
                && ahead <= day_ms + clocks_apart_max_ms;
  return !is_due && is_still(run, patience.now, patience.quiet);
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

std::string job_subject(std::int64_t athlete_id) {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(athlete_id);
  return make_envelope(job, {}).subject;
}

std::string page_subject(const sync_run& run) {
  ingest::v1::ActivitiesPage page;
  page.set_athlete_id(run.athlete_id);
  page.set_run_id(run.id);
  return make_envelope(page, {}).subject;
}

bool is_job_of(const stored_message& what, const sync_run& run) {
  jobs::v1::SyncAthlete job;
  return decode(what.message, job) && job.run_id() == run.id;
}

read_options jobs_about(const sync_run& run) {
  constexpr auto read_max = std::uint32_t{1'000};
  return {.stream = std::string{stream_of(jobs::v1::SyncAthlete{})},
          .filter_subject = job_subject(run.athlete_id),
          // The clock of the bus is not the one that the run was begun by.
          .from_time_ms = std::max<unix_ms>(1, run.started_at_ms - day_ms),
          .limit = read_max};
}

run_movers
movers_of(const std::vector<stream_state>& streams, const std::string& jobs,
          const std::string& pages, const std::string& words) {
  run_movers result;
  for (const auto& one : streams) {
    if (one.config.name == stream_of(jobs::v1::SyncAthlete{})) {
      result.first_job = one.first_sequence;
      result.last_job = one.last_sequence;
    }
    if (const auto* found = find_durable(one, jobs)) {
      result.jobs_settled_to = found->settled_to;
      // Counted at different moments, and less what was removed.
      result.jobs_delivered_to = one.last_sequence
                                 - std::min(one.last_sequence, found->pending);
      result.jobs_unsettled = found->ack_pending;
    }
    if (const auto* found = find_durable(one, pages))
      result.pages_settled_to = found->settled_to;
    if (const auto* found = find_durable(one, words))
      result.words_wait = found->pending + found->ack_pending > 0;
    else if (!one.all_answered)
      result.words_wait = true; // It may have some.
  }
  return result;
}

bool job_waits(const sync_run& run, std::uint64_t job, const run_movers& movers,
               const run_patience& patience) {
  if (job <= movers.jobs_settled_to)
    return false;
  if (job > movers.jobs_delivered_to)
    return true;
  auto between = movers.jobs_delivered_to - movers.jobs_settled_to;
  return between <= movers.jobs_unsettled || !is_quiet(run, patience);
}

run_verdict judge_run(const sync_run& run, const run_traces& traces,
                      const run_movers& movers, const run_patience& patience) {
  auto wanted = run.pages_stored + 1;
  auto page_waits = traces.page > movers.pages_settled_to
                    && std::int64_t{traces.page_number} >= wanted;
  // A job that was given up leaves a word that says so.
  auto word_waits = traces.job > 0 && movers.words_wait
                    && !is_quiet(run, patience);
  if (page_waits || word_waits || job_waits(run, traces.job, movers, patience))
    return run_verdict::goes_on;
  jobs::v1::SyncAthlete next;
  next.ParseFromString(run.next_job);
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

} // namespace stravasync
