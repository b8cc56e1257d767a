#include "actors/exhausted.hpp"

#include "actors/dead_letter.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>
#include <vector>

namespace stravasync {

namespace {

constexpr auto notices_at_once = 8;
constexpr auto join_pause = milliseconds{5'000};

struct join_again {};

} // namespace

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::join_again)

namespace stravasync {

exhausted_state::exhausted_state(caf::event_based_actor* self) : self_{self} {
}

caf::behavior exhausted_state::make_behavior(actor_context context,
                                             std::shared_ptr<class bus> bus,
                                             std::string durable) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  durable_ = std::move(durable);
  join();
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](join_again) { join(); });
}

void exhausted_state::join() {
  bus_->subscribe_exhausted(
    durable_,
    kit::in_actor(self_, [this](exhausted_delivery notice) { take(notice); }),
    kit::in_actor(self_,
                  [this](caf::expected<std::shared_ptr<subscription>> got) {
                    joined(std::move(got));
                  }));
}

void exhausted_state::joined(caf::expected<std::shared_ptr<subscription>> got) {
  if (!got) {
    // Sources bury what fails; without the net nothing has to stop.
    if (!std::exchange(away_, true))
      context_.journal->warning(
        "the bus gives no notice of what it gives up on; trying again",
        {{"durable", durable_}, {"reason", detail_of(got.error())}});
    self_->delayed_send(self_, join_pause, join_again{});
    return;
  }
  away_ = false;
  subscription_ = std::move(*got);
  subscription_->request(notices_at_once);
}

void exhausted_state::take(const exhausted_delivery& notice) {
  bus_->read(
    {.stream = notice.stream, .from_sequence = notice.sequence, .limit = 1},
    kit::in_actor(
      self_, [this, notice](caf::expected<std::vector<stored_message>> got) {
        found(notice, std::move(got));
      }));
}

void exhausted_state::found(const exhausted_delivery& notice,
                            caf::expected<std::vector<stored_message>> got) {
  if (!got && code_of(got.error()) != ec::not_found)
    return settle(notice, {settlement::kind::nak, join_pause});
  if (!got || got->empty() || got->front().sequence != notice.sequence) {
    context_.journal->warning(
      "a message was given up and is gone from its stream: no dead letter",
      {{"durable", notice.durable},
       {"stream", notice.stream},
       {"sequence", static_cast<std::int64_t>(notice.sequence)}});
    return settle(notice, {settlement::kind::ack});
  }
  const auto& lost = got->front();
  auto reason = "delivered " + std::to_string(notice.delivered)
                + " times and never settled";
  context_.journal->error(
    "a message became a dead letter",
    {{"durable", notice.durable},
     {"subject", lost.message.subject},
     {"sequence", static_cast<std::int64_t>(notice.sequence)},
     {"reason", reason}});
  auto letter = make_dead_letter(lost.message,
                                 {.durable = notice.durable,
                                  .stream = notice.stream,
                                  .sequence = notice.sequence,
                                  .stored_at_ms = lost.stored_at_ms,
                                  .reason = std::move(reason),
                                  .attempts = notice.delivered});
  keep(notice, std::move(letter), true);
}

void exhausted_state::keep(const exhausted_delivery& notice, envelope letter,
                           bool whole) {
  auto kept = [this, notice, letter,
               whole](const caf::expected<publish_ack>& ack) {
    if (ack)
      return settle(notice, {settlement::kind::ack});
    // As large as the bus takes, it leaves no room for what a letter says.
    if (whole && code_of(ack.error()) == ec::invalid_argument)
      return keep(notice, cut_short(letter), false);
    settle(notice, {settlement::kind::nak, join_pause});
  };
  bus_->publish(std::move(letter), kit::in_actor(self_, std::move(kept)));
}

void exhausted_state::settle(const exhausted_delivery& notice, settlement how) {
  if (!subscription_)
    return;
  // If the word is lost, the notice comes again.
  subscription_->settle(notice.token, how,
                        kit::in_actor(self_, [this](caf::expected<bool>) {
                          subscription_->request(1);
                        }));
}

caf::behavior
exhausted(caf::stateful_actor<exhausted_state>* self, actor_context context,
          std::shared_ptr<bus> bus, std::string durable) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(durable));
}

} // namespace stravasync
