#include "actors/worker/feeder.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/paging.hpp"
#include "actors/worker/slots.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

feeder_state::feeder_state(feeder_actor::stateful_pointer<feeder_state> self)
  : self_{self} {
}

feeder_actor::behavior_type
feeder_state::make_behavior(actor_context context, std::shared_ptr<bus> bus,
                            athletes_actor athletes, feeder_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  athletes_ = std::move(athletes);
  config_ = config;
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const feed_athletes& x) -> caf::result<fed_athletes> {
      auto run = std::make_shared<feeding>();
      run->what = x;
      run->reply = kit::make_promise<fed_athletes>(self_);
      resume(run);
      return run->reply;
    });
}

void feeder_state::resume(const feeding_ptr& run) {
  using entry = std::optional<key_value_entry>;
  bus_->get(schedules_bucket, run->what.schedule,
            kit::in_actor(self_, [this, run](caf::expected<entry> got) {
              if (!got)
                return fail(run, got.error());
              if (*got) {
                run->progress.ParseFromString((*got)->value);
                run->revision = (*got)->revision;
              }
              if (run->progress.slot_ms() != run->what.slot_ms
                  || run->progress.finished()) {
                run->progress.Clear();
                run->progress.set_slot_ms(run->what.slot_ms);
                run->progress.set_started_at_ms(context_.now());
              }
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
      [this, run](const caf::error& why) { fail(run, why); });
}

void feeder_state::feed_page(const feeding_ptr& run,
                             const query::v1::AthleteList& page) {
  run->next_cursor = page.next_cursor();
  for (const auto& who : page.items()) {
    if (!wants_scheduled_run(who))
      continue;
    auto job = scheduled_job(run->what.schedule, run->what.mode,
                             run->what.slot_ms, who,
                             config_.incremental_overlap_s);
    run->queued.push_back(
      make_envelope(job, {.message_id = page_message_id(job.run_id(), 1)}));
  }
  run->progress.set_jobs_published(run->progress.jobs_published()
                                   + run->queued.size());
  publish_some(run);
}

void feeder_state::publish_some(const feeding_ptr& run) {
  while (!run->failure && run->in_flight < config_.publishers
         && !run->queued.empty()) {
    ++run->in_flight;
    auto message = std::move(run->queued.back());
    run->queued.pop_back();
    bus_->publish(
      std::move(message),
      kit::in_actor(self_, [this, run](caf::expected<publish_ack> ack) {
        --run->in_flight;
        if (!ack)
          run->failure = ack.error();
        publish_some(run);
      }));
  }
  if (run->in_flight > 0)
    return;
  if (run->failure)
    return fail(run, run->failure);
  run->progress.set_athletes_cursor(run->next_cursor);
  checkpoint(run, run->next_cursor.empty());
}

void feeder_state::checkpoint(const feeding_ptr& run, bool finished) {
  run->progress.set_finished(finished);
  if (finished)
    run->progress.set_finished_at_ms(context_.now());
  bus_->put(schedules_bucket, run->what.schedule,
            run->progress.SerializeAsString(), run->revision,
            kit::in_actor(self_, [this, run, finished](
                                   caf::expected<std::uint64_t> revision) {
              if (!revision)
                return fail(run, revision.error());
              run->revision = *revision;
              if (!finished)
                return ask_page(run);
              run->reply.deliver(fed_athletes{run->progress.jobs_published()});
            }));
}

void feeder_state::fail(const feeding_ptr& run, const caf::error& why) {
  run->reply.deliver(with_context(why, "schedule " + run->what.schedule));
}

feeder_actor::behavior_type
feeder(feeder_actor::stateful_pointer<feeder_state> self, actor_context context,
       std::shared_ptr<bus> bus, athletes_actor athletes,
       feeder_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(athletes), config);
}

} // namespace stravasync
