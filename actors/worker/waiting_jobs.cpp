#include "actors/worker/waiting_jobs.hpp"

#include "actors/paging.hpp"
#include "messages/units.hpp"

#include <algorithm>

namespace stravasync {

job_backlog backlog_of(const std::vector<stream_state>& streams,
                       const std::string& durable) {
  auto jobs = std::ranges::find(streams, stream_of(jobs::v1::SyncAthlete{}),
                                [](const auto& x) { return x.config.name; });
  if (jobs == streams.end())
    return {};
  auto whose = std::ranges::find(jobs->durables, durable, &durable_state::name);
  if (whose == jobs->durables.end())
    return {jobs->messages > 0, 0};
  return {whose->pending + whose->ack_pending > 0, whose->settled_to};
}

bool waits_already(const stored_message& newest_job,
                   const jobs::v1::SyncAthlete& job, unix_ms newest_began_ms,
                   const job_backlog& backlog) {
  jobs::v1::SyncAthlete waiting;
  return newest_job.sequence > backlog.settled_to
         && decode(newest_job.message, waiting)
         && waiting.run_id() != job.run_id()
         && waiting.run_started_at_ms() > newest_began_ms
         && lists_as_much(waiting, job)
         && job.run_started_at_ms() - waiting.run_started_at_ms() < day_ms;
}

} // namespace stravasync
