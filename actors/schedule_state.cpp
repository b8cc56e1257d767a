#include "actors/schedule_state.hpp"

#include <algorithm>

namespace stravasync {

namespace {

state::v1::RunState state_of(const state::v1::ScheduleState& of) {
  if (of.attempts() == 0)
    return state::v1::RUN_STATE_UNSPECIFIED;
  if (of.finished())
    return state::v1::RUN_STATE_FINISHED;
  return of.failed() ? state::v1::RUN_STATE_FAILED
                     : state::v1::RUN_STATE_RUNNING;
}

} // namespace

state::v1::ScheduleRun run_of(const state::v1::ScheduleState& of) {
  state::v1::ScheduleRun run;
  run.set_slot_ms(of.slot_ms());
  run.set_state(state_of(of));
  run.set_started_at_ms(of.started_at_ms());
  run.set_finished_at_ms(of.finished_at_ms());
  run.set_jobs_published(of.jobs_published());
  run.set_athletes_seen(of.athletes_seen());
  run.set_athletes_skipped(of.athletes_skipped());
  run.set_attempts(of.attempts());
  run.set_leader(of.leader());
  run.set_last_error(of.last_error());
  run.set_updated_at_ms(of.updated_at_ms());
  return run;
}

void remember_run(state::v1::ScheduleState& of) {
  auto& history = *of.mutable_history();
  *history.Add() = run_of(of);
  std::rotate(history.rbegin(), history.rbegin() + 1, history.rend());
  while (history.size() > history_max)
    history.RemoveLast();
}

} // namespace stravasync
