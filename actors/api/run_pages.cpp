#include "actors/api/run_pages.hpp"

#include "actors/api/start_times.hpp"
#include "messages/events.pb.h"

#include <algorithm>

namespace stravasync {

caf::expected<sync_run>
find_run(transaction& tx, const ingest::v1::ActivitiesPage& page) {
  auto found = tx.sync_runs().get({page.run_id()});
  if (!found)
    return found.error();
  if (*found)
    return std::move(**found);
  sync_run run;
  run.id = page.run_id();
  run.athlete_id = page.athlete_id();
  run.mode = page.mode();
  run.state = events::v1::SYNC_STATE_RUNNING;
  run.started_at_ms = page.run_started_at_ms();
  auto created = tx.sync_runs().create(run);
  if (!created)
    return created.error();
  return run;
}

caf::expected<bool>
claim_page(transaction& tx, const ingest::v1::ActivitiesPage& page,
           unix_ms now) {
  auto number = std::int64_t{page.page_number()};
  auto found = tx.sync_pages().get({page.run_id(), number});
  if (!found)
    return found.error();
  if (*found)
    return false;
  auto created = tx.sync_pages().create({page.run_id(), number, now});
  if (!created)
    return created.error();
  return true;
}

bool has_happened(const activity& row) {
  constexpr auto clocks_apart = unix_ms{3'600'000};
  return row.start_at_ms <= row.fetched_at_ms + clocks_apart;
}

void count_listed(sync_run& run, const std::vector<activity>& rows) {
  for (const auto& row : rows) {
    auto first = run.activities_listed++ == 0;
    auto newest = has_happened(row) ? row.start_at_ms : row.fetched_at_ms;
    run.newest_start_ms = first ? newest
                                : std::max(run.newest_start_ms, newest);
    run.oldest_start_ms = first
                            ? row.start_at_ms
                            : std::min(run.oldest_start_ms, row.start_at_ms);
  }
}

bool advance_run(sync_run& run, const ingest::v1::ActivitiesPage& page,
                 const std::vector<activity>& rows, unix_ms now) {
  ++run.pages_stored;
  jobs::v1::SyncAthlete known;
  known.ParseFromString(run.next_job);
  if (!page.has_next())
    run.next_job.clear();
  else if (page.next().page_number() > known.page_number())
    run.next_job = page.next().SerializeAsString();
  if (!page.has_next())
    run.pages_total = page.page_number();
  // As the rows of the page: else a clock that is ahead makes them all missing.
  auto fetched = std::min<unix_ms>(page.fetched_at_ms(),
                                   now + clocks_apart_max_ms);
  run.first_fetched_at_ms = run.first_fetched_at_ms == 0
                              ? fetched
                              : std::min(run.first_fetched_at_ms, fetched);
  count_listed(run, rows);
  run.updated_at_ms = now;
  auto complete = run.pages_total > 0 && run.pages_stored >= run.pages_total;
  // What held a later page up came by another stream and may have been faster.
  if (!complete && page.page_number() < run.held_at_page)
    return false;
  run.state = complete ? events::v1::SYNC_STATE_COMPLETE
                       : events::v1::SYNC_STATE_RUNNING;
  run.finished_at_ms = complete ? now : 0;
  run.reason.clear();
  run.resumes_at_ms = 0;
  return complete;
}

} // namespace stravasync
