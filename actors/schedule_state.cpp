#include "actors/schedule_state.hpp"

#include "messages/units.hpp"

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

// More than a node is called, or a lists' place takes.
constexpr auto text_max = std::size_t{1'024};

/// Times that a clock can show, wrong or not: years 1 to 9999.
bool is_time(std::int64_t at_ms) {
  constexpr auto min = std::int64_t{-62'135'596'800'000};
  constexpr auto max = std::int64_t{253'402'300'799'999};
  return at_ms >= min && at_ms <= max;
}

void shorten(std::string& text) {
  text.resize(std::min(text.size(), text_max));
}

bool is_run(const state::v1::ScheduleRun& run) {
  return is_time(run.slot_ms()) && is_time(run.started_at_ms())
         && is_time(run.finished_at_ms()) && is_time(run.updated_at_ms())
         && run.leader().size() <= text_max;
}

/// "95 s", "40 min", "3 h": the number is 2 to 199 but for the extremes.
std::string span_in_words(unix_ms length) {
  constexpr auto s_per_min = unix_ms{60};
  constexpr auto min_per_h = unix_ms{60};
  constexpr auto few = 2;
  auto s = length / ms_per_s;
  if (s < few * s_per_min)
    return std::to_string(s) + " s";
  auto min = s / s_per_min;
  if (min < few * min_per_h)
    return std::to_string(min) + " min";
  return std::to_string(min / min_per_h) + " h";
}

bool is_over(unix_ms since, unix_ms now) {
  return now - since > overdue_after.count();
}

/// @returns why a run that was begun and is not finished does not go on.
std::string standstill_of(const state::v1::ScheduleState& of, unix_ms now) {
  // A next attempt that has got nowhere yet changes nothing.
  auto fails = of.failed()
               || (of.attempts() > 1 && of.athletes_seen() == 0
                   && !of.last_error().empty());
  if (fails)
    return is_over(of.started_at_ms(), now)
             ? "has tried to run for " + span_in_words(now - of.started_at_ms())
                 + ", and fails: " + of.last_error()
             : std::string{};
  auto moved_ms = std::max(of.updated_at_ms(), of.started_at_ms());
  return is_over(moved_ms, now)
           ? "has a run that stands still for " + span_in_words(now - moved_ms)
           : std::string{};
}

} // namespace

state::v1::LeaderLease read_lease(const std::string& value) {
  state::v1::LeaderLease result;
  auto readable = result.ParseFromString(value);
  if (!readable || result.holder().size() > text_max
      || result.session().size() > text_max || !is_time(result.since_ms())
      || !is_time(result.renewed_at_ms()))
    return {};
  if (result.token() > leader_token_max)
    result.set_token(0);
  if (result.lease_ms() < 0 || result.lease_ms() > leader_lease_max.count())
    result.set_lease_ms(0);
  return result;
}

std::optional<state::v1::ScheduleState>
read_schedule(const std::string& value) {
  state::v1::ScheduleState result;
  if (!result.ParseFromString(value) || result.slot_ms() <= 0
      || !is_time(result.next_slot_ms()) || !is_run(run_of(result))
      || result.athletes_cursor().size() > text_max
      || result.plan().size() > text_max
      || !std::ranges::all_of(result.history(), is_run))
    return std::nullopt;
  if (result.leader_token() > leader_token_max)
    result.set_leader_token(0);
  while (result.history_size() > history_max)
    result.mutable_history()->RemoveLast();
  shorten(*result.mutable_last_error());
  for (auto& run : *result.mutable_history())
    shorten(*run.mutable_last_error());
  return result;
}

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

std::string missed_run(unix_ms due_ms, unix_ms now) {
  return "should have run " + span_in_words(now - due_ms) + " ago, and did not";
}

std::string lateness_of(const state::v1::ScheduleState& of, unix_ms now) {
  if (is_over(now, of.slot_ms()))
    return "ran last at a time that is " + span_in_words(of.slot_ms() - now)
           + " ahead of now";
  if (of.attempts() > 0 && !of.finished())
    return standstill_of(of, now);
  if (of.next_slot_ms() > 0 && is_over(of.next_slot_ms(), now))
    return missed_run(of.next_slot_ms(), now);
  return {};
}

void remember_run(state::v1::ScheduleState& of) {
  auto& history = *of.mutable_history();
  *history.Add() = run_of(of);
  std::rotate(history.rbegin(), history.rbegin() + 1, history.rend());
  while (history.size() > history_max)
    history.RemoveLast();
}

} // namespace stravasync
