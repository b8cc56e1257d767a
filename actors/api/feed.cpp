#include "actors/api/feed.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

constexpr auto credit = std::size_t{64};

} // namespace

std::uint64_t feed_hub::watch(std::function<void(const feed_event&)> sink) {
  auto lock = std::lock_guard{mutex_};
  sinks_.emplace(++last_id_, std::move(sink));
  return last_id_;
}

void feed_hub::unwatch(std::uint64_t id) {
  auto lock = std::lock_guard{mutex_};
  sinks_.erase(id);
}

void feed_hub::emit(const feed_event& event) {
  auto lock = std::lock_guard{mutex_};
  for (const auto& [id, sink] : sinks_)
    sink(event);
}

std::optional<feed_event> to_feed_event(const envelope& message) {
  feed_event event;
  if (events::v1::SyncProgressed fact; decode(message, fact)) {
    event.kind = "sync";
    event.athlete_id = fact.athlete_id();
    event.status = std::move(*fact.mutable_status());
    return event;
  }
  if (events::v1::AthleteConnected fact; decode(message, fact)) {
    event.kind = "athlete_connected";
    event.athlete_id = fact.athlete_id();
    return event;
  }
  if (events::v1::AthleteDisconnected fact; decode(message, fact)) {
    event.kind = "athlete_disconnected";
    event.athlete_id = fact.athlete_id();
    return event;
  }
  return std::nullopt;
}

feed_state::feed_state(caf::event_based_actor* self) : self_{self} {
}

caf::behavior
feed_state::make_behavior(actor_context context, std::shared_ptr<consumer> bus,
                          std::shared_ptr<feed_hub> hub) {
  hub_ = std::move(hub);
  consumer_options options;
  options.stream = stream_of(events::v1::SyncProgressed{});
  options.start.from = start_position::kind::next_new;
  auto arrived = kit::in_actor(self_, [this](const delivery& what) {
    if (subscription_)
      subscription_->request(1);
    if (auto event = to_feed_event(what.message))
      hub_->emit(*event);
  });
  bus->subscribe(
    options, arrived,
    kit::in_actor(self_,
                  [this](caf::expected<std::shared_ptr<subscription>> got) {
                    joined(std::move(got));
                  }));
  return kit::handlers(self_, context.statistics, kit::on_throw::crash,
                       [](caf::unit_t) {});
}

void feed_state::joined(caf::expected<std::shared_ptr<subscription>> got) {
  if (!got)
    return self_->quit(with_context(got.error(), "the event feed"));
  subscription_ = std::move(*got);
  subscription_->request(credit);
}

caf::behavior
feed(caf::stateful_actor<feed_state>* self, actor_context context,
     std::shared_ptr<consumer> bus, std::shared_ptr<feed_hub> hub) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(hub));
}

} // namespace stravasync
