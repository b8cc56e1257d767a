#include "actors/api/run_keeper.hpp"

#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/describe.hpp"
#include "messages/error.hpp"
#include "messages/units.hpp"

#include <cstdlib>
#include <memory>
#include <utility>

namespace stravasync {

namespace {

constexpr auto retry_pause = milliseconds{1'000};

sync_run run_held_up(const events::v1::SyncHeldUp& fact) {
  sync_run run;
  run.id = fact.run_id();
  run.athlete_id = fact.athlete_id();
  run.mode = fact.mode();
  run.started_at_ms = fact.run_started_at_ms();
  return run;
}

/// Said again, to nobody's use.
bool says_nothing_new(const sync_run& run, const events::v1::SyncHeldUp& fact) {
  return run.state == fact.state() && run.reason == fact.reason()
         && std::abs(run.resumes_at_ms - fact.resumes_at_ms()) < ms_per_s
         && run.held_at_page == std::int64_t{fact.page_number()};
}

} // namespace

caf::error
hold_up_run(transaction& tx, const events::v1::SyncHeldUp& fact, unix_ms now) {
  auto whose = find_athlete(tx, fact.athlete_id());
  if (!whose) // Disconnected meanwhile.
    return code_of(whose.error()) == ec::not_found ? caf::error{}
                                                   : whose.error();
  auto found = tx.sync_runs().get({fact.run_id()});
  if (!found)
    return found.error();
  auto run = *found ? **found : run_held_up(fact);
  auto past = run.pages_stored >= std::int64_t{fact.page_number()};
  if (past || is_final(static_cast<events::v1::SyncState>(run.state)))
    return {};
  if (*found && says_nothing_new(run, fact))
    return {};
  run.state = fact.state();
  run.reason = fact.reason();
  run.resumes_at_ms = fact.resumes_at_ms();
  run.held_at_page = fact.page_number();
  run.finished_at_ms = is_final(fact.state()) ? now : 0;
  run.updated_at_ms = now;
  if (*found) {
    if (auto why = tx.sync_runs().update(run))
      return why;
  } else if (auto created = tx.sync_runs().create(run); !created) {
    return created.error();
  }
  return announce_progress(tx, *whose, now,
                           "held/" + std::to_string(fact.page_number()) + "/"
                             + std::to_string(fact.at_ms()));
}

run_keeper_state::run_keeper_state(
  delivery_handler_actor::stateful_pointer<run_keeper_state> self)
  : self_{self} {
}

delivery_handler_actor::behavior_type
run_keeper_state::make_behavior(actor_context context, store_access store,
                                outbox_relay_actor relay) {
  context_ = std::move(context);
  store_ = std::move(store);
  relay_ = std::move(relay);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const handle_delivery& x) -> caf::result<outcome> {
      auto to = kit::make_promise<outcome>(self_);
      events::v1::SyncHeldUp fact;
      if (!decode(x.what->message, fact)) {
        to.deliver(outcome{outcome::verdict::dead_letter,
                           {},
                           refusal_of(x.what->message, fact)});
        return to;
      }
      write_store_of<bool>(
        self_, store_, fact.athlete_id(),
        [fact, now = context_.now()](transaction& tx, bool&) {
          return hold_up_run(tx, fact, now);
        },
        [this, to](const caf::expected<bool>& got) {
          if (!got)
            return to.deliver(
              outcome{outcome::verdict::snooze,
                      retry_after_of(got.error()).value_or(retry_pause),
                      detail_of(got.error())});
          self_->send(relay_, outbox_filled{});
          to.deliver(outcome{outcome::verdict::ack});
        });
      return to;
    },
    [](const delivery_buried&) {
      // Its source has logged it; the run's next page tells its state again.
    });
}

delivery_handler_actor::behavior_type
run_keeper(delivery_handler_actor::stateful_pointer<run_keeper_state> self,
           actor_context context, store_access store,
           outbox_relay_actor relay) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(relay));
}

} // namespace stravasync
