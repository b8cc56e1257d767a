#include "actors/nodes/health_check.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

struct health_check_tick {};

} // namespace

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::health_check_tick)

namespace stravasync {

health_check_state::health_check_state(caf::event_based_actor* self)
  : self_{self} {
}

caf::behavior
health_check_state::make_behavior(actor_context context, health_record record,
                                  std::vector<health_trial> trials,
                                  health_check_config config) {
  context_ = std::move(context);
  record_ = std::move(record);
  config_ = config;
  for (auto& one : trials)
    // Not at once: the node is just beginning to do all that by itself.
    trials_.push_back({std::move(one), self_->clock().now()});
  self_->delayed_send(self_, config_.every_in_trouble, health_check_tick{});
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](health_check_tick) { look(); });
}

void health_check_state::look() {
  auto fine = std::ranges::all_of(record_.parts(), &readiness::works);
  auto pace = fine ? config_.every : config_.every_in_trouble;
  for (auto i = std::size_t{0}; i < trials_.size(); ++i)
    if (trials_[i].is_out)
      say_if_silent(trials_[i]);
    else if (is_due(trials_[i], pace))
      begin(i);
  self_->delayed_send(self_, config_.every_in_trouble, health_check_tick{});
}

bool health_check_state::is_due(const entry& of,
                                std::chrono::milliseconds pace) const {
  return self_->clock().now() - of.begun_at >= pace && !was_tried(of.what);
}

void health_check_state::begin(std::size_t which) {
  auto& trial = trials_[which];
  trial.begun_at = self_->clock().now();
  trial.is_out = true;
  trial.what.run(
    kit::in_actor(self_, [this, which](const caf::expected<bool>& got) {
      ended(which, got);
    }));
}

void health_check_state::ended(std::size_t which,
                               const caf::expected<bool>& got) {
  auto& trial = trials_[which];
  trial.is_out = false;
  if (!got)
    record_.failed(trial.what.part, trial.what.thing, got.error());
  else if (*got)
    record_.worked(trial.what.part, trial.what.thing);
}

void health_check_state::say_if_silent(const entry& of) const {
  auto silent = self_->clock().now() - of.begun_at;
  if (silent < config_.answer_within)
    return;
  auto limit
    = std::chrono::duration_cast<std::chrono::seconds>(config_.answer_within);
  record_.failed(
    of.what.part, of.what.thing,
    make_failure(ec::timed_out,
                 "no answer within " + std::to_string(limit.count()) + " s"));
}

bool health_check_state::was_tried(const health_trial& what) const {
  auto age = context_.now() - record_.last_ok(what.part, what.thing);
  // A clock that was set back must not put it off.
  return age >= 0 && age < config_.every.count()
         && !record_.last_failure(what.part, what.thing);
}

caf::behavior
health_check(caf::stateful_actor<health_check_state>* self,
             actor_context context, health_record record,
             std::vector<health_trial> trials, health_check_config config) {
  return self->state.make_behavior(std::move(context), std::move(record),
                                   std::move(trials), config);
}

} // namespace stravasync
