#include "actors/kit/guardian_state.hpp"

#include "actors/kit/fault.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace kit::detail {

using std::chrono::milliseconds;

guardian_state::guardian_state(caf::stateful_actor<guardian_state>* self)
  : self_{self} {
}

caf::behavior
guardian_state::make_behavior(guardian_config config, child_factory factory) {
  config_ = std::move(config);
  factory_ = std::move(factory);
  if (config_.what.empty())
    config_.what = config_.path;
  if (!config_.random01)
    config_.random01 = make_random01();
  kill_when_gone(*self_, kept_);
  self_->set_down_handler(
    [this](const caf::down_msg& message) { on_down(message); });
  self_->set_exit_handler(
    [this](const caf::exit_msg& message) { stop(message.reason); });
  self_->set_default_handler(caf::scheduled_actor::default_handler{
    [this](caf::scheduled_actor*, caf::message_view& view) {
      return on_message(view);
    }});
  if (!config_.lazy)
    start(run_state::starting);
  return {
    [this](const guardian_tick& tick) { on_tick(tick); },
  };
}

caf::result<caf::message> guardian_state::on_message(caf::message_view& view) {
  if (state_ == run_state::up)
    return forward(*self_, child(), view);
  const auto plain = self_->current_message_id().is_async();
  if (state_ == run_state::idle)
    start(run_state::starting);
  if (plain && state_ == run_state::starting)
    return forward(*self_, child(), view);
  if (plain || !may_relay())
    return refuse();
  relay(view.move_content_to_message());
  return caf::delegated<caf::message>{};
}

caf::result<caf::message> guardian_state::refuse() {
  if (!self_->current_message_id().is_async())
    return refusal();
  ++dropped_;
  return caf::delegated<caf::message>{};
}

bool guardian_state::may_relay() const {
  return state_ == run_state::starting
         || (state_ == run_state::probing && !probed_);
}

void guardian_state::relay(caf::message request) {
  const auto id = ++relays_;
  relayed_.emplace(id, take_request(*self_));
  if (state_ == run_state::probing) {
    probed_ = true;
    later(config_.probe_deadline,
          {guardian_tick::kind::probe_deadline, starts_});
  }
  request_any(
    *self_, child(), std::move(request),
    [this, id](caf::message answer) { on_answer(id, std::move(answer)); });
}

void guardian_state::on_answer(std::uint64_t relay_id, caf::message answer) {
  const auto found = relayed_.find(relay_id);
  if (found == relayed_.end())
    return; // The child's end has answered it.
  const auto owed = std::move(found->second);
  relayed_.erase(found);
  const auto error = error_in(answer);
  decide(error);
  // What the child said is more than we know, unless it is gone.
  if (is_lost(error))
    owed->fail(refusal());
  else
    owed->deliver(std::move(answer));
}

void guardian_state::start(run_state as) {
  ++starts_;
  killed_ = false;
  probed_ = false;
  change(as);
  auto started = start_child(
    factory_, child_context{self_->system(), config_.path, config_.observer});
  if (!started) {
    close(started.error());
    return;
  }
  child() = std::move(*started);
  self_->monitor(child());
  when_initialized(*self_, child(),
                   [this, number = starts_](const std::string& actor_class) {
                     on_initialized(number, actor_class);
                   });
  if (config_.probe)
    probe();
}

void guardian_state::on_initialized(std::uint64_t number,
                                    const std::string& actor_class) {
  actor_class_ = actor_class;
  if (number == starts_ && state_ == run_state::starting && !config_.probe)
    open();
}

void guardian_state::probe() {
  probed_ = true;
  later(config_.probe_deadline, {guardian_tick::kind::probe_deadline, starts_});
  request_any(*self_, child(), config_.probe(),
              [this, number = starts_](const caf::message& answer) {
                if (number == starts_)
                  decide(error_in(answer));
              });
}

void guardian_state::decide(const caf::error& outcome) {
  const auto deciding = state_ == run_state::starting
                        || state_ == run_state::probing;
  if (!deciding)
    return;
  // It ended before it read the request. Its down message is there or on its
  // way, and that one says why.
  if (outcome == caf::sec::request_receiver_down)
    return;
  if (outcome && is_failure(outcome))
    close(outcome);
  else
    open();
}

void guardian_state::on_down(const caf::down_msg& message) {
  if (message.source != child().address())
    return;
  child() = nullptr;
  switch (state_) {
    case run_state::stopping:
      finish(reason_);
      break;
    case run_state::starting:
    case run_state::probing:
    case run_state::up:
      close(message.reason);
      break;
    case run_state::idle:
    case run_state::down:
    case run_state::stopped:
      break; // Dismissed before; the retry is on its way.
  }
}

void guardian_state::open() {
  up_since_ = self_->clock().now();
  change(run_state::up);
}

void guardian_state::close(const caf::error& reason) {
  const auto now = self_->clock().now();
  if (state_ == run_state::up && now - up_since_ >= config_.backoff.max)
    attempt_ = 0;
  ++attempt_;
  reason_ = reason;
  const auto delay = backoff_after(attempt_, config_.backoff,
                                   config_.random01());
  retry_at_ = now + delay;
  later(delay, {guardian_tick::kind::retry, starts_});
  change(run_state::down, reason, delay);
  refuse_relayed();
  if (child())
    dismiss(caf::exit_reason::user_shutdown);
}

void guardian_state::dismiss(caf::error reason) {
  tell_to_exit(*self_, child(), std::move(reason));
  later(config_.stop_deadline, {guardian_tick::kind::stop_deadline, starts_});
}

void guardian_state::on_tick(const guardian_tick& tick) {
  if (tick.number != starts_)
    return;
  switch (tick.what) {
    case guardian_tick::kind::retry:
      if (state_ != run_state::down)
        break;
      if (!child())
        start(run_state::probing);
      else // The old one has not stopped yet, and there must not be two.
        later(std::max(config_.backoff.min, milliseconds{1}), tick);
      break;
    case guardian_tick::kind::probe_deadline:
      if (probed_
          && (state_ == run_state::starting || state_ == run_state::probing))
        close(make_fault(fault::unavailable,
                         config_.what + " did not answer in time"));
      break;
    case guardian_tick::kind::stop_deadline:
      on_stop_deadline(tick.number);
      break;
  }
}

void guardian_state::on_stop_deadline(std::uint64_t number) {
  if (!child() || (state_ != run_state::down && state_ != run_state::stopping))
    return;
  if (!killed_) {
    killed_ = true;
    tell_to_exit(*self_, child(), caf::exit_reason::kill);
    later(config_.stop_deadline, {guardian_tick::kind::stop_deadline, number});
    return;
  }
  const auto stuck = make_fault(fault::did_not_stop,
                                config_.what + " did not stop");
  if (state_ == run_state::stopping)
    finish(stuck);
  else
    change(run_state::down, stuck);
}

void guardian_state::stop(caf::error reason) {
  if (state_ == run_state::stopping)
    return;
  reason_ = std::move(reason);
  change(run_state::stopping);
  refuse_relayed();
  if (child())
    dismiss(caf::exit_reason::user_shutdown);
  else
    finish(reason_);
}

void guardian_state::finish(caf::error reason) {
  change(run_state::stopped, reason);
  self_->quit(std::move(reason));
}

void guardian_state::refuse_relayed() {
  for (const auto& [id, owed] : std::exchange(relayed_, {}))
    owed->fail(refusal());
}

void guardian_state::change(run_state to, const caf::error& reason,
                            milliseconds retry_after) {
  const auto from = std::exchange(state_, to);
  if (config_.observer)
    config_.observer({.path = config_.path,
                      .actor_class = actor_class_,
                      .from = from,
                      .to = to,
                      .reason = reason,
                      .retry_after = retry_after,
                      .restarts = starts_ > 0 ? starts_ - 1 : 0,
                      .dropped = std::exchange(dropped_, 0)});
}

void guardian_state::later(milliseconds delay, guardian_tick tick) {
  self_->delayed_send(self_, delay, tick);
}

bool guardian_state::is_failure(const caf::error& error) const {
  return config_.is_failure ? config_.is_failure(error) || is_lost(error)
                            : is_lost(error);
}

caf::error guardian_state::refusal() const {
  const auto left
    = std::chrono::ceil<milliseconds>(retry_at_ - self_->clock().now());
  switch (state_) {
    case run_state::down:
      return unavailable(config_.what + ": " + describe(reason_), left);
    case run_state::stopping:
    case run_state::stopped:
      return make_fault(fault::unavailable, config_.what + " is stopping");
    case run_state::idle:
    case run_state::starting:
    case run_state::probing:
    case run_state::up:
      break;
  }
  return unavailable(config_.what + " is being tried again",
                     config_.backoff.min);
}

} // namespace kit::detail
