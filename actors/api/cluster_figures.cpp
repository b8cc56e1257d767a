#include "actors/api/cluster_figures.hpp"

#include "actors/kit/handlers.hpp"

#include <cstddef>
#include <utility>

namespace stravasync {

struct cluster_figures_state::round {
  cluster_figures found;
  std::size_t missing = 0;
  bool failed = false;
};

cluster_figures_state::cluster_figures_state(
  cluster_figures_actor::stateful_pointer<cluster_figures_state> self)
  : self_{self} {
}

cluster_figures_actor::behavior_type
cluster_figures_state::make_behavior(actor_context context,
                                     operations_actor operations,
                                     schedules_actor schedules,
                                     cluster_figures_config config) {
  operations_ = std::move(operations);
  schedules_ = std::move(schedules);
  config_ = config;
  return kit::handlers(
    self_, context.statistics, kit::on_throw::crash,
    [this](const look_at_cluster&) -> caf::result<answer> {
      auto fresh = concluded_at_
                   && self_->clock().now() - *concluded_at_ < config_.fresh_for;
      if (overdue_ || (fresh && !open_))
        return known();
      auto reply = kit::make_promise<answer>(self_);
      waiting_.push_back(reply);
      if (!open_)
        begin_round();
      return reply;
    },
    [this](const figures_overdue& x) {
      if (!open_ || x.round != rounds_)
        return;
      overdue_ = true;
      last_.answers = false;
      answer_waiting();
    });
}

void cluster_figures_state::begin_round() {
  using namespace query::v1;
  open_ = true;
  self_->delayed_send(self_, config_.deadline, figures_overdue{++rounds_});
  auto of = std::make_shared<round>();
  ask(of, operations_, GetStreams{}, &cluster_figures::streams);
  ask(of, operations_, GetBudget{}, &cluster_figures::budget);
  ask(of, operations_, GetNodes{}, &cluster_figures::nodes);
  ask(of, schedules_, ListSchedules{}, &cluster_figures::schedules);
}

template <class Part, class Handle, class Question>
void cluster_figures_state::ask(const round_ptr& of, const Handle& whom,
                                Question question,
                                Part cluster_figures::*part) {
  ++of->missing;
  self_->request(whom, caf::infinite, std::move(question))
    .then(
      [this, of, part](Part& got) {
        of->found.*part = std::move(got);
        conclude(of);
      },
      [this, of](const caf::error&) {
        of->failed = true;
        conclude(of);
      });
}

void cluster_figures_state::conclude(const round_ptr& of) {
  if (--of->missing > 0)
    return;
  open_ = overdue_ = false;
  concluded_at_ = self_->clock().now();
  if (!of->failed) {
    last_ = std::move(of->found);
    answered_at_ = concluded_at_;
  }
  last_.answers = !of->failed;
  answer_waiting();
}

void cluster_figures_state::answer_waiting() {
  auto all = std::exchange(waiting_, {});
  for (auto& one : all)
    one.deliver(known());
}

cluster_figures_state::answer cluster_figures_state::known() const {
  auto result = std::make_shared<cluster_figures>(last_);
  if (answered_at_)
    result->age = std::chrono::duration_cast<std::chrono::milliseconds>(
      self_->clock().now() - *answered_at_);
  return result;
}

cluster_figures_actor::behavior_type follow_cluster(
  cluster_figures_actor::stateful_pointer<cluster_figures_state> self,
  actor_context context, operations_actor operations, schedules_actor schedules,
  cluster_figures_config config) {
  return self->state.make_behavior(std::move(context), std::move(operations),
                                   std::move(schedules), config);
}

} // namespace stravasync
