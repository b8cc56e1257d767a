#include "actors/worker/slots.hpp"

#include "actors/paging.hpp"
#include "actors/schedule_state.hpp"
#include "messages/units.hpp"

#include <utility>

namespace stravasync {

slot_plan plan_every(std::chrono::milliseconds interval, std::string text) {
  auto every = interval.count();
  auto latest_by = [every](unix_ms now) { return now - now % every; };
  return {std::move(text), latest_by,
          [=](unix_ms now) { return latest_by(now) + every; }};
}

slot_decision
decide_slot(const schedule& what,
            const std::optional<state::v1::ScheduleState>& state, unix_ms now) {
  auto current = what.plan.latest_by(now);
  slot_decision result;
  result.next_ms = what.plan.next_after(now);
  if (!state)
    return result;
  // The next one may have been run by a node whose clock is a little ahead.
  result.ahead = state->slot_ms() > result.next_ms;
  if (result.ahead)
    return result;
  if (!state->finished())
    result.run = state->slot_ms();
  else if (state->slot_ms() < current)
    result.run = current;
  return result;
}

std::string lateness_of(const schedule& what,
                        const state::v1::ScheduleState& state, unix_ms now) {
  if (auto why = lateness_of(state, now); !why.empty() || !state.finished())
    return why;
  auto due = what.plan.latest_by(now - overdue_after.count());
  return state.slot_ms() < due ? missed_run(due, now) : std::string{};
}

bool wants_scheduled_run(const query::v1::Athlete& who) {
  const auto& newest = who.sync();
  auto is_update = newest.mode() == jobs::v1::SYNC_MODE_INCREMENTAL
                   || newest.mode() == jobs::v1::SYNC_MODE_RELIST;
  return newest.state() == events::v1::SYNC_STATE_COMPLETE
         || (newest.state() == events::v1::SYNC_STATE_FAILED && is_update);
}

jobs::v1::SyncAthlete
scheduled_job(const std::string& schedule, jobs::v1::SyncMode mode,
              unix_ms slot_ms, const query::v1::Athlete& who,
              std::int64_t overlap_s, unix_ms now) {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(who.id());
  job.set_run_id(schedule + "-" + std::to_string(who.id()) + "-"
                 + std::to_string(slot_ms));
  job.set_mode(mode);
  job.set_lane(jobs::v1::LANE_BACKFILL);
  job.set_page_number(1);
  job.set_run_started_at_ms(slot_ms);
  auto newest = who.newest_start_ms() == 0
                  ? std::nullopt
                  : std::optional{who.newest_start_ms() / ms_per_s};
  *job.mutable_position() = first_position(mode, newest, overlap_s,
                                           now / ms_per_s);
  return job;
}

} // namespace stravasync
