#include "actors/api/schedules.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/kit/promise.hpp"
#include "actors/schedule_state.hpp"
#include "messages/error.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace stravasync {

namespace {

using state::v1::LeaderLease;
using state::v1::ScheduleState;

/// More than there are; whoever can write to the bucket may have made some up.
constexpr auto schedules_max = std::size_t{100};

/// A run whose leader leads no more goes on with the next one.
state::v1::ScheduleRun
newest_run(const ScheduleState& of, const LeaderLease& leader) {
  auto run = run_of(of);
  auto led = !leader.holder().empty() && leader.token() == of.leader_token();
  if (run.state() == state::v1::RUN_STATE_RUNNING && !led)
    run.set_state(state::v1::RUN_STATE_INTERRUPTED);
  return run;
}

query::v1::ScheduleList
describe(const std::map<std::string, ScheduleState>& all,
         const LeaderLease& leader, unix_ms now) {
  query::v1::ScheduleList result;
  for (const auto& [name, state] : all) {
    auto* schedule = result.add_schedules();
    schedule->set_name(name);
    schedule->set_plan(state.plan());
    schedule->set_next_slot_ms(state.next_slot_ms());
    schedule->set_problem(lateness_of(state, now));
    if (state.attempts() > 0)
      *schedule->mutable_last_run() = newest_run(state, leader);
  }
  if (leader.holder().empty())
    return result;
  result.set_leader(leader.holder());
  result.set_leader_token(leader.token());
  result.set_leader_since_ms(leader.since_ms());
  result.set_leader_renewed_at_ms(leader.renewed_at_ms());
  return result;
}

query::v1::ScheduleRunList
describe_runs(const ScheduleState& of, const LeaderLease& leader) {
  query::v1::ScheduleRunList result;
  if (of.attempts() > 0 && !of.finished())
    *result.add_runs() = newest_run(of, leader);
  for (const auto& run : of.history())
    *result.add_runs() = run;
  return result;
}

} // namespace

/// What is read for one answer.
struct schedules_state::gathering {
  std::function<void(caf::error)> answer; // From what is here, or the error.
  LeaderLease leader;
  std::map<std::string, ScheduleState> found;
  std::string only; // One schedule; empty: all.
  std::size_t waiting = 0;
  caf::error failure;
};

schedules_state::schedules_state(
  schedules_actor::stateful_pointer<schedules_state> self)
  : self_{self} {
}

schedules_actor::behavior_type
schedules_state::make_behavior(actor_context context,
                               std::shared_ptr<key_value> kv) {
  context_ = std::move(context);
  kv_ = std::move(kv);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::resume,
    [this](
      const query::v1::ListSchedules&) -> caf::result<query::v1::ScheduleList> {
      auto reply = kit::make_promise<query::v1::ScheduleList>(self_);
      auto to = std::make_shared<gathering>();
      to->answer = [this, reply, all = to.get()](caf::error why) {
        if (why)
          return reply.deliver(std::move(why));
        reply.deliver(describe(all->found, all->leader, context_.now()));
      };
      look_at_leader(to);
      return reply;
    },
    [this](const query::v1::ListScheduleRuns& x)
      -> caf::result<query::v1::ScheduleRunList> {
      auto reply = kit::make_promise<query::v1::ScheduleRunList>(self_);
      auto to = std::make_shared<gathering>();
      to->only = x.schedule();
      to->answer = [reply, all = to.get()](caf::error why) {
        if (why)
          return reply.deliver(std::move(why));
        auto one = all->found.find(all->only);
        if (one == all->found.end())
          return reply.deliver(
            make_failure(ec::not_found, "there is no schedule " + all->only));
        reply.deliver(describe_runs(one->second, all->leader));
      };
      look_at_leader(to);
      return reply;
    });
}

void schedules_state::look_at_leader(const gathering_ptr& to) {
  using entry = std::optional<key_value_entry>;
  kv_->get(leaders_bucket, leader_key,
           kit::in_actor(self_, [this, to](caf::expected<entry> got) {
             if (!got)
               return to->answer(got.error());
             if (*got)
               to->leader = read_lease((*got)->value);
             if (!to->only.empty())
               return look_at(to, to->only);
             look_at_all(to);
           }));
}

void schedules_state::look_at_all(const gathering_ptr& to) {
  using names = std::vector<std::string>;
  kv_->keys(schedules_bucket,
            kit::in_actor(self_, [this, to](caf::expected<names> all) {
              if (!all)
                return to->answer(all.error());
              ++to->waiting; // So that none concludes before all are asked.
              if (all->size() > schedules_max)
                all->resize(schedules_max);
              for (const auto& one : *all)
                look_at(to, one);
              --to->waiting;
              conclude(to);
            }));
}

void schedules_state::look_at(const gathering_ptr& to,
                              const std::string& schedule) {
  using entry = std::optional<key_value_entry>;
  ++to->waiting;
  kv_->get(schedules_bucket, schedule,
           kit::in_actor(self_, [this, to, schedule](caf::expected<entry> got) {
             --to->waiting;
             if (!got)
               to->failure = got.error();
             else if (auto state = *got ? read_schedule((*got)->value)
                                        : std::nullopt)
               to->found[schedule] = std::move(*state);
             conclude(to);
           }));
}

void schedules_state::conclude(const gathering_ptr& to) {
  if (to->waiting == 0)
    to->answer(to->failure);
}

schedules_actor::behavior_type
schedules(schedules_actor::stateful_pointer<schedules_state> self,
          actor_context context, std::shared_ptr<key_value> kv) {
  return self->state.make_behavior(std::move(context), std::move(kv));
}

} // namespace stravasync
