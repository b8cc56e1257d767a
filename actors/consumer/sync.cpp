#include "actors/consumer/sync.hpp"

#include "actors/consumer/strava_client.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/describe.hpp"
#include "messages/error.hpp"
#include "messages/ingest.pb.h"
#include "messages/redriven.hpp"
#include "messages/text/hex.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

using events::v1::SYNC_STATE_FAILED;
using events::v1::SYNC_STATE_NEEDS_REAUTH;

outcome acked() {
  return {outcome::verdict::ack};
}

} // namespace

sync_state::sync_state(
  delivery_handler_actor::stateful_pointer<sync_state> self)
  : self_{self} {
}

delivery_handler_actor::behavior_type
sync_state::make_behavior(actor_context context, std::shared_ptr<bus> bus,
                          tokens_actor tokens, strava_client_actor strava,
                          sync_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  tokens_ = std::move(tokens);
  strava_ = std::move(strava);
  config_ = config;
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const handle_delivery& x) -> caf::result<outcome> {
      auto reply = kit::make_promise<outcome>(self_);
      begin(*x.what, reply);
      return reply;
    },
    [this](const delivery_buried& x) { buried(*x.what, x.reason); });
}

void sync_state::buried(const delivery& what, const std::string& reason) {
  auto t = std::make_shared<task>();
  t->cause = what.message.header_or_empty(header::message_id);
  if (decode(what.message, t->job))
    hold_up(t, SYNC_STATE_FAILED, reason, {});
}

void sync_state::begin(const delivery& what,
                       const kit::promise<outcome>& reply) {
  auto t = std::make_shared<task>();
  t->reply = reply;
  t->cause = what.message.header_or_empty(header::message_id);
  t->is_first = what.delivered == 1;
  t->sequence = what.sequence;
  if (!decode(what.message, t->job) || t->job.athlete_id() <= 0
      || t->job.run_id().empty() || t->job.page_number() == 0
      || !jobs::v1::SyncMode_IsValid(t->job.mode()))
    return reply.deliver(outcome{
      outcome::verdict::dead_letter, {}, refusal_of(what.message, t->job)});
  // Without a message behind it, it is the last one's.
  if (t->is_first && what.pending > 0 && is_superseded(t->job, t->job))
    return look_for_later(t);
  // Not only on a redelivery: a job may come twice as two messages, the second
  // published later than the stream's dedupe window remembers, or sent again
  // from the dead letters.
  look_for_page(t);
}

void sync_state::look_for_page(const task_ptr& t) {
  ingest::v1::ActivitiesPage mine;
  mine.set_athlete_id(t->job.athlete_id());
  mine.set_run_id(t->job.run_id());
  using last = std::optional<stored_message>;
  bus_->last(std::string{stream_of(mine)}, make_envelope(mine, {}).subject,
             kit::in_actor(self_, [this, t](caf::expected<last> got) {
               if (!got)
                 return bus_refused(t, got.error());
               page_found(t, *got);
             }));
}

void sync_state::page_found(const task_ptr& t,
                            const std::optional<stored_message>& last) {
  ingest::v1::ActivitiesPage page;
  if (!last || !decode(last->message, page)
      || page.page_number() < t->job.page_number())
    return lease_token(t, {});
  // The page is safe. If a later one is too, so is the job that led to it,
  // unless this job itself led to both.
  auto mine = page.page_number() == t->job.page_number()
              || last->message.header_or_empty(header::cause) == t->cause;
  if (mine && page.has_next())
    return publish_next(t, page.next());
  t->reply.deliver(acked());
}

void sync_state::lease_token(const task_ptr& t, const std::string& rejected) {
  query::v1::LeaseToken question;
  question.set_athlete_id(t->job.athlete_id());
  question.set_rejected(rejected);
  self_->request(tokens_, caf::infinite, std::move(question))
    .then(
      [this, t](query::v1::AccessToken& got) {
        t->token = std::move(*got.mutable_access_token());
        fetch(t);
      },
      [this, t](const caf::error& why) {
        if (code_of(why) == ec::not_found) // Disconnected meanwhile.
          return t->reply.deliver(acked());
        refused(t, t->is_first ? soon_over(why) : why);
      });
}

caf::error sync_state::soon_over(const caf::error& why) const {
  auto is = code_of(why) == ec::unavailable && !retry_after_of(why);
  return is ? make_failure(ec::unavailable, detail_of(why), config_.snooze_soon)
            : why;
}

void sync_state::fetch(const task_ptr& t) {
  auto request = fetch_page{{t->token, t->job.position(), config_.page_size},
                            t->job.lane(),
                            !t->is_first};
  self_->request(strava_, caf::infinite, std::move(request))
    .then([this, t](const fetched_page& got) { fetched(t, *got); },
          [this, t](const caf::error& why) { refused(t, why); });
}

void sync_state::fetched(const task_ptr& t, const activities_response& got) {
  failing_ = false;
  if (got.unreadable)
    return unreadable(t, *got.unreadable);
  auto next = step(t->job.mode(), t->job.position(), got.items,
                   config_.page_size, context_.now() / ms_per_s);
  auto why = next.next ? reason_to_stop(*next.next, config_.limits) : "";
  if (why.empty())
    return publish_page(t, std::move(next));
  context_.journal->error("a run is ended",
                          {{"run", t->job.run_id()}, {"reason", why}});
  give_up(t, SYNC_STATE_FAILED, why);
}

void sync_state::unreadable(const task_ptr& t, const unreadable_answer& what) {
  // The service works: it is this job's trouble, even if no other has any.
  auto result = outcome{outcome::verdict::retry, {}, what.reason};
  result.kept.emplace(header::unread, to_hex(what.excerpt));
  result.kept.emplace(header::unread_at, std::to_string(what.excerpt_at) + "/"
                                           + std::to_string(what.bytes));
  t->reply.deliver(std::move(result));
}

void sync_state::refused(const task_ptr& t, const caf::error& why) {
  switch (code_of(why)) {
    case ec::needs_reauth:
      // Perhaps only this access token died: ask for another, once.
      if (!t->token.empty() && !std::exchange(t->token_renewed, true))
        return lease_token(t, t->token);
      return give_up(t, SYNC_STATE_NEEDS_REAUTH, detail_of(why));
    case ec::scope_missing:
      return give_up(t, SYNC_STATE_NEEDS_REAUTH, detail_of(why));
    case ec::exhausted:
    case ec::rate_limited:
    case ec::unavailable:
    case ec::full:
    case ec::conflict:
    case ec::forbidden:
    case ec::denied:
      return snooze(t, why);
    case ec::timed_out:
    case ec::upstream_failed:
    case ec::internal:
      return failed(t, why);
    case ec::malformed:
    case ec::rejected:
    case ec::not_found:
      // Strava's word about this request, not about the service.
      return t->reply.deliver(
        outcome{outcome::verdict::retry, {}, detail_of(why)});
    case ec::invalid_argument:
    case ec::already_exists:
    case ec::none:
      context_.journal->error(
        "a request to Strava breaks our own rules",
        {{"athlete", t->job.athlete_id()}, {"reason", detail_of(why)}});
      return t->reply.deliver(
        outcome{outcome::verdict::dead_letter, {}, detail_of(why)});
  }
}

void sync_state::failed(const task_ptr& t, const caf::error& why) {
  // An attempt is charged to a job only if others succeed between its failures;
  // else it is Strava that fails, and no job becomes a dead letter for that.
  if (std::exchange(failing_, true))
    return snooze(t, why);
  t->reply.deliver(outcome{outcome::verdict::retry, {}, detail_of(why)});
}

void sync_state::publish_page(const task_ptr& t, page_step next) {
  ingest::v1::ActivitiesPage page;
  page.set_athlete_id(t->job.athlete_id());
  page.set_run_id(t->job.run_id());
  page.set_mode(t->job.mode());
  page.set_page_number(t->job.page_number());
  page.set_fetched_at_ms(context_.now());
  page.set_run_started_at_ms(t->job.run_started_at_ms());
  for (auto& item : next.fresh)
    page.add_activities_json(std::move(item.json));
  if (next.next) {
    auto* following = page.mutable_next();
    *following = t->job;
    following->set_page_number(t->job.page_number() + 1);
    *following->mutable_position() = std::move(*next.next);
  }
  publish_parts(t, {std::move(page)});
}

void sync_state::publish_next(const task_ptr& t,
                              const jobs::v1::SyncAthlete& next) {
  auto message = make_envelope(
    next, {.message_id = page_message_id(next.run_id(), next.page_number()),
           .cause = t->cause});
  bus_->publish(std::move(message),
                kit::in_actor(self_, [this, t](caf::expected<publish_ack> ack) {
                  if (!ack)
                    return bus_refused(t, ack.error());
                  t->reply.deliver(acked());
                }));
}

delivery_handler_actor::behavior_type
sync(delivery_handler_actor::stateful_pointer<sync_state> self,
     actor_context context, std::shared_ptr<bus> bus, tokens_actor tokens,
     strava_client_actor strava, sync_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(tokens), std::move(strava),
                                   config);
}

} // namespace stravasync
