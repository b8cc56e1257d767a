#include "actors/consumer/sync.hpp"
#include "actors/kit/continuation.hpp"
#include "messages/error.hpp"
#include "messages/units.hpp"

// What a SYNC does with a job that it does not do now, or never.

namespace stravasync {

namespace {

/// What a person reads beside the athlete's progress.
std::string waiting_reason(const caf::error& why) {
  switch (code_of(why)) {
    case ec::exhausted:
    case ec::rate_limited:
      return "waiting for Strava's rate limit";
    case ec::forbidden:
      return "Strava has switched this application off: " + detail_of(why);
    default:
      return "waiting: " + detail_of(why);
  }
}

} // namespace

bool is_superseded(const jobs::v1::SyncAthlete& job,
                   const jobs::v1::SyncAthlete& later) {
  return job.mode() == jobs::v1::SYNC_MODE_INCREMENTAL
         && job.lane() == jobs::v1::LANE_BACKFILL && later.lane() <= job.lane()
         && lists_as_much(later, job);
}

void sync_state::look_for_later(const task_ptr& t) {
  using last = std::optional<stored_message>;
  auto looked = [this, t](const caf::expected<last>& got) {
    if (!got)
      return bus_refused(t, got.error());
    jobs::v1::SyncAthlete later;
    if (*got && (*got)->sequence > t->sequence && decode((*got)->message, later)
        && is_superseded(t->job, later))
      return t->reply.deliver(outcome{outcome::verdict::ack});
    look_for_page(t);
  };
  bus_->last(std::string{stream_of(t->job)}, make_envelope(t->job, {}).subject,
             kit::in_actor(self_, std::move(looked)));
}

void sync_state::snooze(const task_ptr& t, const caf::error& why) {
  auto usual = code_of(why) == ec::forbidden ? config_.snooze_forbidden
                                             : config_.snooze_default;
  auto delay = retry_after_of(why).value_or(usual);
  // The first requests of a ledger go one by one; nobody needs to hear of it.
  constexpr auto worth_telling = milliseconds{1'000};
  if (delay >= worth_telling)
    hold_up(t, events::v1::SYNC_STATE_WAITING, waiting_reason(why), delay);
  t->reply.deliver(outcome{outcome::verdict::snooze, delay, detail_of(why)});
}

void sync_state::give_up(const task_ptr& t, events::v1::SyncState state,
                         const std::string& reason) {
  hold_up(t, state, reason, {});
  t->reply.deliver(outcome{outcome::verdict::ack});
}

void sync_state::hold_up(const task_ptr& t, events::v1::SyncState state,
                         const std::string& reason, milliseconds delay) {
  events::v1::SyncHeldUp fact;
  fact.set_athlete_id(t->job.athlete_id());
  fact.set_run_id(t->job.run_id());
  fact.set_mode(t->job.mode());
  fact.set_page_number(t->job.page_number());
  fact.set_state(state);
  fact.set_reason(reason);
  fact.set_at_ms(context_.now());
  fact.set_run_started_at_ms(t->job.run_started_at_ms());
  if (delay.count() > 0)
    fact.set_resumes_at_ms(context_.now() + delay.count());
  // One message per job and second of return: repeated snoozes are one fact,
  // and a run that is resumed and fails again is another.
  auto id = page_message_id(t->job.run_id(), t->job.page_number()) + "/"
            + std::to_string(state) + "/"
            + std::to_string(fact.resumes_at_ms() / ms_per_s) + "/" + t->cause;
  bus_->publish(make_envelope(fact, {.message_id = id, .cause = t->cause}),
                [](auto&&) {});
}

} // namespace stravasync
