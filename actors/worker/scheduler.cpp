#include "actors/worker/scheduler.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/schedule_state.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

constexpr auto after_failure_ms = unix_ms{10'000};
/// Wakes that often at least, so that a clock that was set is noticed.
constexpr auto look_at_least_ms = unix_ms{60'000};
/// How soon a node that begins to lead looks what there is to do.
constexpr auto standby_ms = unix_ms{500};

} // namespace

scheduler_state::scheduler_state(
  scheduler_actor::stateful_pointer<scheduler_state> self)
  : self_{self} {
}

scheduler_actor::behavior_type
scheduler_state::make_behavior(actor_context context,
                               std::shared_ptr<key_value> kv,
                               std::shared_ptr<const leadership> role,
                               feeder_actor feeder,
                               std::vector<schedule> schedules) {
  context_ = std::move(context);
  kv_ = std::move(kv);
  role_ = std::move(role);
  feeder_ = std::move(feeder);
  schedules_ = std::move(schedules);
  for (const auto& one : schedules_)
    self_->send(self_, scheduler_tick{one.name});
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](const scheduler_tick& x) {
                         for (const auto& one : schedules_)
                           if (one.name == x.schedule)
                             look(one);
                       });
}

void scheduler_state::look(const schedule& what) {
  if (!role_->token())
    return look_again(what, context_.now() + standby_ms);
  using entry = std::optional<key_value_entry>;
  kv_->get(schedules_bucket, what.name,
           kit::in_actor(self_, [this, what](caf::expected<entry> got) {
             looked(what, got);
           }));
}

void scheduler_state::looked(
  const schedule& what,
  const caf::expected<std::optional<key_value_entry>>& got) {
  auto now = context_.now();
  if (!got)
    return look_again(what, now + after_failure_ms);
  std::optional<state::v1::ScheduleState> state;
  if (*got)
    state = read_schedule((*got)->value);
  auto decision = decide_slot(what, state, now);
  if (decision.run)
    return run(what, *decision.run);
  auto unreadable = *got && !state;
  if (unreadable || decision.ahead)
    context_.journal->warning(
      unreadable ? "what a schedule has written down cannot be read; it goes "
                   "on at its next slot"
                 : "the last run of a schedule is in the future: a clock was "
                   "wrong; it goes on at its next slot",
      {{"schedule", what.name}});
  if (!state || decision.ahead)
    begin(what, state.value_or(state::v1::ScheduleState{}),
          *got ? (*got)->revision : 0, decision.next_ms);
  else if (state->next_slot_ms() != decision.next_ms
           || state->plan() != what.plan.text)
    announce(what, std::move(*state), (*got)->revision, decision.next_ms);
  look_again(what, decision.next_ms);
}

/// The next slot is the first one that is run.
void scheduler_state::begin(const schedule& what,
                            const state::v1::ScheduleState& last,
                            std::uint64_t revision, unix_ms next_ms) {
  state::v1::ScheduleState first;
  first.set_slot_ms(what.plan.latest_by(context_.now()));
  first.set_finished(true);
  first.set_leader_token(last.leader_token());
  *first.mutable_history() = last.history();
  announce(what, std::move(first), revision, next_ms);
}

void scheduler_state::announce(const schedule& what,
                               state::v1::ScheduleState state,
                               std::uint64_t revision, unix_ms next_ms) {
  state.set_next_slot_ms(next_ms);
  state.set_plan(what.plan.text);
  // Should somebody else have written meanwhile, the next look sees it.
  kv_->put(schedules_bucket, what.name, state.SerializeAsString(), revision,
           [](auto&&) {});
}

void scheduler_state::run(const schedule& what, unix_ms slot_ms) {
  self_
    ->request(feeder_, caf::infinite,
              feed_athletes{what.name, what.mode, slot_ms})
    .then(
      [this, what](const fed_athletes& done) {
        failing_.erase(what.name);
        context_.journal->info(
          "a schedule ran",
          {{"schedule", what.name},
           {"jobs", static_cast<std::int64_t>(done.jobs_published)}});
        look(what);
      },
      [this, what](const caf::error& why) {
        // Tried every few seconds, perhaps for days: told once.
        auto reason = detail_of(why);
        if (std::exchange(failing_[what.name], reason) != reason)
          context_.journal->warning(
            "a schedule could not run and will be tried again",
            {{"schedule", what.name}, {"reason", reason}});
        look_again(what, context_.now() + after_failure_ms);
      });
}

void scheduler_state::look_again(const schedule& what, unix_ms at) {
  auto wait = std::clamp<unix_ms>(at - context_.now(), 1, look_at_least_ms);
  self_->delayed_send(self_, milliseconds{wait}, scheduler_tick{what.name});
}

scheduler_actor::behavior_type
scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
          actor_context context, std::shared_ptr<key_value> kv,
          std::shared_ptr<const leadership> role, feeder_actor feeder,
          std::vector<schedule> schedules) {
  return self->state.make_behavior(std::move(context), std::move(kv),
                                   std::move(role), std::move(feeder),
                                   std::move(schedules));
}

} // namespace stravasync
