#include "actors/kit/fault.hpp"
#include "actors/kit/supervisor_state.hpp"

#include <caf/exit_reason.hpp>

#include <utility>

// The part of a SUPERVISOR that stops children, for good or to start them again
// as a group.

namespace kit::detail {

void supervisor_state::stop_all(caf::error reason) {
  if (phase_ == phase::stopping)
    return;
  phase_ = phase::stopping;
  exit_reason_ = std::move(reason);
  group_from_ = 0;
  stop_next();
}

void supervisor_state::stop_next() {
  for (auto i = slots_.size(); i-- > group_from_;) {
    auto& it = slots_[i];
    if (it.node.state == run_state::stopping)
      return; // One at a time.
    if (running(i)) {
      change(i, run_state::stopping);
      tell_to_exit(*self_, running(i), caf::exit_reason::user_shutdown);
      later(it.spec.stop_deadline,
            {supervisor_tick::kind::stop_deadline, i, it.starts});
      return;
    }
  }
  on_all_stopped();
}

void supervisor_state::on_all_stopped() {
  if (phase_ == phase::stopping) {
    finish();
    return;
  }
  if (!group_due_)
    return;
  for (auto i = group_from_; i < slots_.size(); ++i)
    if (slots_[i].node.state == run_state::down)
      slots_[i].node.state = run_state::idle;
  start_from(group_from_);
}

void supervisor_state::on_stop_deadline(const supervisor_tick& tick) {
  auto& it = slots_[tick.child];
  if (it.node.state != run_state::stopping || it.starts != tick.number)
    return;
  if (!it.killed) {
    it.killed = true;
    tell_to_exit(*self_, running(tick.child), caf::exit_reason::kill);
    later(it.spec.stop_deadline, tick);
    return;
  }
  running(tick.child) = nullptr;
  stuck_ += (stuck_.empty() ? "" : ", ") + it.node.path;
  const auto reason = make_fault(fault::did_not_stop,
                                 it.node.path + " did not stop");
  change(tick.child, run_state::stopped, reason);
  point_address(tick.child);
  // It would run beside its successor: that is for the one above to solve.
  if (phase_ == phase::stopping)
    stop_next();
  else
    stop_all(reason);
}

void supervisor_state::finish() {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].node.state != run_state::stopped) {
      change(i, run_state::stopped);
      point_address(i);
    }
  if (!stuck_.empty())
    exit_reason_ = make_fault(fault::did_not_stop, stuck_ + " did not stop");
  self_->quit(exit_reason_);
}

} // namespace kit::detail
