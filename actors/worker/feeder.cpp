#include "actors/worker/feeder.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/paging.hpp"
#include "actors/worker/slots.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

/// A new run in the place of the last; what the schedule remembers stays.
void start_over(state::v1::ScheduleState& progress, unix_ms slot_ms,
                unix_ms now) {
  state::v1::ScheduleState next;
  next.set_slot_ms(slot_ms);
  next.set_started_at_ms(now);
  next.set_next_slot_ms(progress.next_slot_ms());
  next.set_plan(progress.plan());
  next.mutable_history()->Swap(progress.mutable_history());
  progress = std::move(next);
}

} // namespace

feeder_state::feeder_state(feeder_actor::stateful_pointer<feeder_state> self)
  : self_{self} {
}

feeder_actor::behavior_type
feeder_state::make_behavior(actor_context context, std::shared_ptr<bus> bus,
                            std::shared_ptr<leadership> role,
                            athletes_actor athletes, feeder_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  role_ = std::move(role);
  athletes_ = std::move(athletes);
  config_ = std::move(config);
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](const feed_athletes& x) { return begin(x); });
}

caf::result<fed_athletes> feeder_state::begin(const feed_athletes& what) {
  auto token = role_->token();
  if (!token)
    return make_failure(ec::conflict, "this node does not lead the schedules");
  if (!busy_.insert(what.schedule).second)
    return make_failure(ec::conflict,
                        "a run of schedule " + what.schedule + " is under way");
  auto run = std::make_shared<feeding>();
  run->what = what;
  run->token = *token;
  run->reply = kit::make_promise<fed_athletes>(self_);
  resume(run);
  return run->reply;
}

void feeder_state::resume(const feeding_ptr& run) {
  using entry = std::optional<key_value_entry>;
  bus_->get(
    schedules_bucket, run->what.schedule,
    kit::in_actor(self_, [this, run](caf::expected<entry> got) {
      if (!got)
        return fail(run, got.error());
      if (*got) {
        run->saved
          = read_schedule((*got)->value).value_or(state::v1::ScheduleState{});
        run->revision = (*got)->revision;
      }
      claim(run);
    }));
}

void feeder_state::claim(const feeding_ptr& run) {
  auto slot_ms = run->what.slot_ms;
  auto& found = run->saved;
  if (found.leader_token() > run->token) {
    // Who still leads has read it after whoever wrote it led no more.
    if (role_->holds(run->token))
      role_->outgrow(found.leader_token());
    return fail(run, make_failure(ec::conflict, "another node leads"));
  }
  if (found.slot_ms() > slot_ms)
    return fail(run, make_failure(ec::conflict, "a later run was begun"));
  run->progress = found;
  if (found.slot_ms() != slot_ms || found.attempts() == 0)
    start_over(run->progress, slot_ms, context_.now());
  else if (found.finished())
    return finish(run);
  auto& mine = run->progress;
  mine.set_finished(false);
  mine.set_failed(false);
  mine.set_attempts(mine.attempts() + 1);
  mine.set_leader(context_.node);
  mine.set_leader_token(run->token);
  save(run, [this, run] {
    run->claimed = true;
    look_at_jobs(run);
  });
}

void feeder_state::look_at_jobs(const feeding_ptr& run) {
  if (config_.jobs_durable.empty())
    return ask_page(run);
  using all = std::vector<stream_state>;
  bus_->describe(kit::in_actor(self_, [this, run](caf::expected<all> got) {
    if (!got)
      return fail(run, got.error());
    run->backlog = backlog_of(*got, config_.jobs_durable);
    ask_page(run);
  }));
}

void feeder_state::ask_page(const feeding_ptr& run) {
  query::v1::ListAthletes question;
  question.set_cursor(run->progress.athletes_cursor());
  question.set_limit(config_.athletes_page);
  self_->request(athletes_, caf::infinite, std::move(question))
    .then(
      [this, run](const query::v1::AthleteList& page) { feed_page(run, page); },
      [this, run](const caf::error& why) {
        auto& sum = run->progress;
        if (code_of(why) != ec::invalid_argument
            || sum.athletes_cursor().empty())
          return fail(run, why);
        // The cursor is of another database, such as one that was lost: all
        // over again. Jobs of this slot that there are keep their ids.
        sum.clear_athletes_cursor();
        sum.set_jobs_published(0);
        sum.set_athletes_seen(0);
        sum.set_athletes_skipped(0);
        ask_page(run);
      });
}

void feeder_state::feed_page(const feeding_ptr& run,
                             const query::v1::AthleteList& page) {
  run->next_cursor = page.next_cursor();
  for (const auto& who : page.items()) {
    if (!wants_scheduled_run(who))
      continue;
    auto job = scheduled_job(run->what.schedule, run->what.mode,
                             run->what.slot_ms, who,
                             config_.incremental_overlap_s, context_.now());
    run->queued.push_back({std::move(job), who.sync().started_at_ms()});
  }
  auto seen = static_cast<std::uint64_t>(page.items_size());
  auto jobs = run->queued.size();
  auto& sum = run->progress;
  sum.set_jobs_published(sum.jobs_published() + jobs);
  sum.set_athletes_seen(sum.athletes_seen() + seen);
  sum.set_athletes_skipped(sum.athletes_skipped() + seen - jobs);
  publish_some(run);
}

void feeder_state::publish_some(const feeding_ptr& run) {
  while (!run->failure && run->in_flight < config_.publishers
         && !run->queued.empty()) {
    run->failure = superseded(*run);
    if (run->failure)
      break;
    ++run->in_flight;
    auto next = std::move(run->queued.back());
    run->queued.pop_back();
    if (run->backlog.any)
      look_for_waiting(run, next);
    else
      publish_job(run, next);
  }
  if (run->in_flight > 0)
    return;
  if (run->failure)
    return fail(run, run->failure);
  run->progress.set_athletes_cursor(run->next_cursor);
  checkpoint(run, run->next_cursor.empty());
}

void feeder_state::look_for_waiting(const feeding_ptr& run,
                                    const queued_job& next) {
  using last = std::optional<stored_message>;
  auto looked = [this, run, next](const caf::expected<last>& got) {
    auto waits = got && *got
                 && waits_already(**got, next.job, next.newest_began_ms,
                                  run->backlog);
    if (!run->failure)
      run->failure = got ? superseded(*run) : got.error();
    if (!run->failure && !waits)
      return publish_job(run, next);
    auto& sum = run->progress;
    sum.set_jobs_published(sum.jobs_published() - 1);
    sum.set_athletes_skipped(sum.athletes_skipped() + 1);
    --run->in_flight;
    publish_some(run);
  };
  bus_->last(std::string{stream_of(next.job)},
             make_envelope(next.job, {}).subject,
             kit::in_actor(self_, std::move(looked)));
}

void feeder_state::publish_job(const feeding_ptr& run, const queued_job& next) {
  bus_->publish(
    make_envelope(next.job,
                  {.message_id = page_message_id(next.job.run_id(), 1)}),
    kit::in_actor(self_, [this, run](caf::expected<publish_ack> ack) {
      --run->in_flight;
      if (!ack)
        run->failure = ack.error();
      publish_some(run);
    }));
}

void feeder_state::checkpoint(const feeding_ptr& run, bool finished) {
  if (finished) {
    run->progress.set_finished(true);
    run->progress.set_finished_at_ms(context_.now());
    run->progress.set_updated_at_ms(context_.now());
    remember_run(run->progress);
  }
  save(run, [this, run, finished] {
    if (finished)
      finish(run);
    else
      ask_page(run);
  });
}

void feeder_state::save(const feeding_ptr& run, std::function<void()> then) {
  if (auto why = superseded(*run))
    return fail(run, why);
  run->progress.set_updated_at_ms(context_.now());
  auto written =
    [this, run, then = std::move(then)](caf::expected<std::uint64_t> revision) {
      if (!revision)
        return fail(run, revision.error());
      run->revision = *revision;
      run->saved = run->progress;
      then();
    };
  bus_->put(schedules_bucket, run->what.schedule,
            run->progress.SerializeAsString(), run->revision,
            kit::in_actor(self_, std::move(written)));
}

void feeder_state::finish(const feeding_ptr& run) {
  busy_.erase(run->what.schedule);
  run->reply.deliver(fed_athletes{run->progress.jobs_published()});
}

void feeder_state::fail(const feeding_ptr& run, const caf::error& why) {
  // Who was overtaken has nothing to say any more.
  if (!run->claimed || code_of(why) == ec::conflict
      || !role_->holds(run->token))
    return end(run, why);
  auto& told = run->saved;
  told.set_failed(true);
  told.set_last_error(detail_of(why));
  told.set_updated_at_ms(context_.now());
  bus_->put(
    schedules_bucket, run->what.schedule, told.SerializeAsString(),
    run->revision,
    kit::in_actor(self_, [this, run, why](caf::expected<std::uint64_t>) {
      end(run, why);
    }));
}

void feeder_state::end(const feeding_ptr& run, const caf::error& why) {
  busy_.erase(run->what.schedule);
  run->reply.deliver(with_context(why, "schedule " + run->what.schedule));
}

caf::error feeder_state::superseded(const feeding& run) const {
  if (role_->holds(run.token))
    return {};
  return make_failure(ec::conflict, "this node does not lead any more");
}

feeder_actor::behavior_type
feeder(feeder_actor::stateful_pointer<feeder_state> self, actor_context context,
       std::shared_ptr<bus> bus, std::shared_ptr<leadership> role,
       athletes_actor athletes, feeder_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(role), std::move(athletes),
                                   config);
}

} // namespace stravasync
