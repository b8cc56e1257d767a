#include "actors/kit/supervisor_state.hpp"

#include "actors/kit/address_messages.hpp"
#include "actors/kit/fault.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace kit::detail {

using std::chrono::milliseconds;

supervisor_state::supervisor_state(caf::stateful_actor<supervisor_state>* self)
  : self_{self} {
}

caf::behavior supervisor_state::make_behavior(supervisor_config config,
                                              std::vector<child_spec> specs) {
  config_ = std::move(config);
  if (!config_.random01)
    config_.random01 = make_random01();
  window_.emplace(config_.intensity);
  kept_->resize(specs.size());
  for (auto& spec : specs) {
    auto& added = slots_.emplace_back();
    added.node.path = config_.path + '/' + spec.name;
    added.spec = std::move(spec);
  }
  kill_when_gone(*self_, kept_);
  self_->set_down_handler(
    [this](const caf::down_msg& message) { on_down(message); });
  self_->set_exit_handler(
    [this](const caf::exit_msg& message) { stop_all(message.reason); });
  start_from(0);
  return {
    [this](get_children) { return list(); },
    [this](const supervisor_tick& tick) { on_tick(tick); },
  };
}

void supervisor_state::start_from(std::size_t first) {
  phase_ = phase::running;
  next_ = first;
  start_next();
}

void supervisor_state::start_next() {
  while (phase_ == phase::running && next_ < slots_.size()) {
    const auto i = next_;
    if (slots_[i].node.state == run_state::idle)
      start(i);
    if (slots_[i].node.state == run_state::starting)
      return; // `on_initialized` goes on.
    // Another may have moved it: a failure in a group ends the sequence.
    if (next_ == i)
      ++next_;
  }
}

void supervisor_state::start(std::size_t i) {
  auto& it = slots_[i];
  it.killed = false;
  it.node.restarts = it.starts++;
  it.started_at = self_->clock().now();
  change(i, run_state::starting);
  auto started = start_child(
    it.spec.start,
    child_context{self_->system(), it.node.path, config_.observer});
  if (!started) {
    on_failed(i, started.error());
    return;
  }
  running(i) = std::move(*started);
  self_->monitor(running(i));
  point_address(i);
  when_initialized(
    *self_, running(i),
    [this, i, number = it.starts](const std::string& actor_class) {
      on_initialized(i, number, actor_class);
    });
}

void supervisor_state::on_initialized(std::size_t i, std::uint64_t number,
                                      const std::string& actor_class) {
  auto& it = slots_[i];
  it.node.actor_class = actor_class;
  if (number != it.starts || it.node.state != run_state::starting)
    return;
  change(i, run_state::up);
  if (phase_ == phase::running && next_ == i)
    start_next();
}

void supervisor_state::on_down(const caf::down_msg& message) {
  const auto found
    = std::find_if(kept_->begin(), kept_->end(), [&](const auto& actor) {
        return actor && actor.address() == message.source;
      });
  if (found == kept_->end())
    return; // Given up as stuck before.
  *found = nullptr;
  const auto i = static_cast<std::size_t>(found - kept_->begin());
  if (slots_[i].node.state != run_state::stopping) {
    on_failed(i, message.reason);
    return;
  }
  const auto again = phase_ == phase::restarting_group
                     && slots_[i].spec.restart != restart_kind::temporary;
  change(i, again ? run_state::idle : run_state::stopped, message.reason);
  point_address(i);
  stop_next();
}

void supervisor_state::on_failed(std::size_t i, const caf::error& reason) {
  auto& it = slots_[i];
  if (phase_ == phase::stopping || !wants_restart(it.spec.restart, reason)) {
    change(i, run_state::stopped, reason);
    point_address(i);
    if (phase_ == phase::running && next_ == i)
      start_next();
    return;
  }
  if (window_->exceeded_by(self_->clock().now())) {
    give_up(i, reason);
    return;
  }
  const auto delay = next_delay(it);
  if (config_.strategy == restart_strategy::one_for_one)
    restart_one(i, reason, delay);
  else
    restart_group(i, reason, delay);
  point_address(i);
}

void supervisor_state::restart_one(std::size_t i, const caf::error& reason,
                                   milliseconds delay) {
  later(delay, {supervisor_tick::kind::restart, i, slots_[i].starts});
  change(i, run_state::down, reason, delay);
  if (next_ == i)
    start_next();
}

void supervisor_state::restart_group(std::size_t i, const caf::error& reason,
                                     milliseconds delay) {
  const auto from = config_.strategy == restart_strategy::one_for_all ? 0 : i;
  // A child before those that are being restarted takes them along.
  group_from_ = phase_ == phase::restarting_group ? std::min(group_from_, from)
                                                  : from;
  phase_ = phase::restarting_group;
  group_due_ = false;
  later(delay, {supervisor_tick::kind::restart_group, i, ++group_number_});
  change(i, run_state::down, reason, delay);
  stop_next();
}

void supervisor_state::give_up(std::size_t i, const caf::error& reason) {
  change(i, run_state::stopped, reason);
  point_address(i);
  stop_all(
    make_fault(fault::gave_up,
               slots_[i].node.path + " failed too often: " + describe(reason)));
}

milliseconds supervisor_state::next_delay(slot& of) {
  const auto now = self_->clock().now();
  if (now - of.started_at >= config_.intensity.period)
    of.attempt = 0;
  ++of.attempt;
  const auto delay = backoff_after(of.attempt, config_.backoff,
                                   config_.random01());
  of.retry_at = now + delay;
  return delay;
}

void supervisor_state::on_tick(const supervisor_tick& tick) {
  switch (tick.what) {
    case supervisor_tick::kind::restart: {
      const auto& it = slots_[tick.child];
      if (phase_ == phase::running && it.node.state == run_state::down
          && it.starts == tick.number)
        start(tick.child);
      break;
    }
    case supervisor_tick::kind::restart_group:
      if (phase_ != phase::restarting_group || tick.number != group_number_)
        break;
      group_due_ = true;
      stop_next();
      break;
    case supervisor_tick::kind::stop_deadline:
      on_stop_deadline(tick);
      break;
  }
}

void supervisor_state::change(std::size_t i, run_state to,
                              const caf::error& reason,
                              milliseconds retry_after) {
  auto& node = slots_[i].node;
  const auto from = std::exchange(node.state, to);
  if (reason)
    node.last_error = describe(reason);
  if (config_.observer)
    config_.observer({.path = node.path,
                      .actor_class = node.actor_class,
                      .from = from,
                      .to = to,
                      .reason = reason,
                      .retry_after = retry_after,
                      .restarts = node.restarts});
}

void supervisor_state::later(milliseconds delay, supervisor_tick tick) {
  self_->delayed_send(self_, delay, tick);
}

void supervisor_state::point_address(std::size_t i) {
  const auto& it = slots_[i];
  if (!it.spec.address)
    return;
  if (running(i))
    self_->send(it.spec.address, child_runs{running(i)});
  else
    self_->send(it.spec.address, child_is_down{it.node.last_error.empty()
                                                 ? to_string(it.node.state)
                                                 : it.node.last_error,
                                               it.retry_at});
}

child_list supervisor_state::list() {
  child_list result;
  const auto now = self_->clock().now();
  for (const auto& it : slots_) {
    auto& node = result.children.emplace_back(it.node);
    if (node.state == run_state::down)
      node.retry_after = std::max(
        std::chrono::ceil<milliseconds>(it.retry_at - now), milliseconds{0});
  }
  return result;
}

} // namespace kit::detail
