#include "actors/api/ingest_writer.hpp"

#include "actors/kit/handlers.hpp"
#include "messages/describe.hpp"
#include "messages/error.hpp"
#include "messages/redriven.hpp"

#include <utility>

namespace stravasync {

namespace {

constexpr auto store_away = milliseconds{1'000};

} // namespace

ingest_writer_state::ingest_writer_state(
  delivery_handler_actor::stateful_pointer<ingest_writer_state> self)
  : self_{self} {
}

delivery_handler_actor::behavior_type ingest_writer_state::make_behavior(
  actor_context context, store_access store,
  std::shared_ptr<const strava_decoder> decoder, outbox_relay_actor relay,
  ingest_config config) {
  context_ = std::move(context);
  store_ = std::move(store);
  decoder_ = std::move(decoder);
  relay_ = std::move(relay);
  config_ = std::move(config);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const handle_delivery& x) -> caf::result<outcome> {
      auto to = kit::make_promise<outcome>(self_);
      auto page = std::make_shared<ingest::v1::ActivitiesPage>();
      if (decode(x.what->message, *page) && page->athlete_id() > 0
          && !page->run_id().empty() && page->page_number() > 0)
        this->store(
          page,
          std::string{x.what->message.header_or_empty(header::redriven_from)},
          to);
      else
        to.deliver(outcome{outcome::verdict::dead_letter,
                           {},
                           refusal_of(x.what->message, *page)});
      return to;
    },
    [](const delivery_buried&) {
      // Its source has logged it; a page without its run changes no state.
    });
}

void ingest_writer_state::store(const page_ptr& page,
                                const std::string& redriven_from,
                                const kit::promise<outcome>& to) {
  write_store_of<page_effect>(
    self_, store_, page->athlete_id(),
    [page, redriven_from, decoder = decoder_, config = config_,
     now = context_.now()](transaction& tx, page_effect& out) {
      return store_page(tx, *page, *decoder, config, now, out, redriven_from);
    },
    [this, page, to](const caf::expected<page_effect>& got) {
      if (got) {
        tell(*page, *got);
        self_->send(relay_, outbox_filled{});
        return to.deliver(outcome{outcome::verdict::ack});
      }
      const auto& why = got.error();
      auto code = code_of(why);
      // No fault of the page.
      if (code == ec::unavailable || code == ec::full || code == ec::conflict
          || code == ec::denied)
        return to.deliver(outcome{outcome::verdict::snooze,
                                  retry_after_of(why).value_or(store_away),
                                  detail_of(why)});
      to.deliver(outcome{outcome::verdict::retry, {}, detail_of(why)});
    });
}

void ingest_writer_state::tell(const ingest::v1::ActivitiesPage& page,
                               const page_effect& effect) {
  if (effect.letters > 0)
    context_.journal->error(
      "elements of a list cannot be read and are kept as dead letters",
      {{"athlete", page.athlete_id()},
       {"elements", static_cast<std::int64_t>(effect.letters)},
       {"reason", effect.problem}});
  if (effect.doubted > 0)
    context_.journal->warning(
      "a re-list lacks activities and is not believed; `stravasync sync "
      "confirm` deletes them",
      {{"athlete", page.athlete_id()},
       {"missing", static_cast<std::int64_t>(effect.doubted)}});
  if (effect.complete)
    context_.journal->info("a sync is complete",
                           {{"athlete", page.athlete_id()},
                            {"run", page.run_id()},
                            {"pages", std::int64_t{page.page_number()}}});
}

delivery_handler_actor::behavior_type ingest_writer(
  delivery_handler_actor::stateful_pointer<ingest_writer_state> self,
  actor_context context, store_access store,
  std::shared_ptr<const strava_decoder> decoder, outbox_relay_actor relay,
  ingest_config config) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(decoder), std::move(relay),
                                   std::move(config));
}

} // namespace stravasync
