#include "actors/durable_source.hpp"

#include "actors/dead_letter.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/fault.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <random>
#include <utility>

namespace stravasync {

namespace {

using namespace std::chrono_literals;

constexpr auto handler_away = milliseconds{1'000};
constexpr auto settle_again_after = milliseconds{1'000};

struct keep_alive_tick {};

struct settle_again {
  std::shared_ptr<const stravasync::delivery> what;
  stravasync::settlement how;
};

double random01() {
  thread_local auto engine = std::mt19937{std::random_device{}()};
  return std::uniform_real_distribution<>{0, 1}(engine);
}

} // namespace

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::keep_alive_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::settle_again)

namespace stravasync {

durable_source_state::durable_source_state(caf::event_based_actor* self)
  : self_{self} {
}

caf::behavior
durable_source_state::make_behavior(actor_context context,
                                    std::shared_ptr<class bus> bus,
                                    delivery_handler_actor handler,
                                    durable_source_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  handler_ = std::move(handler);
  config_ = std::move(config);
  self_->set_exit_handler([this](caf::exit_msg& x) { drain(x.reason); });
  if (config_.apply_options)
    apply_options();
  else
    join();
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](keep_alive_tick) { keep_alive(); },
    [this](const settle_again& x) { settle(x.what, x.how); });
}

void durable_source_state::apply_options() {
  bus_->apply(config_.options,
              kit::in_actor(self_, [this](caf::expected<bool> changed) {
                if (!changed)
                  return self_->quit(
                    with_context(changed.error(), config_.options.durable));
                if (!draining_)
                  join();
              }));
}

void durable_source_state::join() {
  auto arrived
    = kit::in_actor(self_, [this](delivery what) { take(std::move(what)); });
  bus_->subscribe(
    config_.options, arrived,
    kit::in_actor(self_,
                  [this](caf::expected<std::shared_ptr<subscription>> got) {
                    joined(std::move(got));
                  }));
}

void durable_source_state::joined(
  caf::expected<std::shared_ptr<subscription>> got) {
  if (!got)
    return self_->quit(with_context(got.error(), config_.options.durable));
  subscription_ = std::move(*got);
  context_.journal->info(
    "joined a durable",
    {{"durable", config_.options.durable},
     {"in_flight_max", std::int64_t{config_.in_flight_max}}});
  subscription_->request(config_.in_flight_max);
  self_->delayed_send(self_, config_.options.ack_wait / 3, keep_alive_tick{});
}

void durable_source_state::take(delivery what) {
  auto shared = std::make_shared<const delivery>(std::move(what));
  in_flight_.emplace(shared->token, shared);
  if (draining_) // For somebody else.
    return settle(shared, {settlement::kind::nak, 0ms});
  if (is_for_another(shared->message, config_.options.durable))
    return settle(shared, {settlement::kind::ack});
  self_->request(handler_, caf::infinite, handle_delivery{shared})
    .then([this, shared](const outcome& result) { decided(shared, result); },
          [this, shared](const caf::error& why) { failed(shared, why); });
}

void durable_source_state::decided(const delivery_ptr& what,
                                   const outcome& result) {
  switch (result.decision) {
    case outcome::verdict::ack:
      if (what->delivered > 1)
        bus_->erase(attempts_bucket, attempts_key(*what), [](auto&&) {});
      return settle(what, {settlement::kind::ack});
    case outcome::verdict::snooze:
      return settle(what, {settlement::kind::nak, result.delay});
    case outcome::verdict::retry:
      return count_attempt(what, result.reason);
    case outcome::verdict::dead_letter:
      return give_up(what, result.reason);
  }
}

void durable_source_state::failed(const delivery_ptr& what,
                                  const caf::error& why) {
  // Not even begun: the handler is down and says when it is back.
  if (why == kit::fault::unavailable)
    return settle(what, {settlement::kind::nak,
                         kit::retry_after_of(why).value_or(handler_away)});
  count_attempt(what, "the handler crashed: " + detail_of(why));
}

void durable_source_state::count_attempt(const delivery_ptr& what,
                                         std::string reason) {
  using entry = std::optional<key_value_entry>;
  auto counted = [this, what, reason](caf::expected<entry> got) {
    if (!got)
      return settle(what, {settlement::kind::nak, handler_away});
    state::v1::AttemptState before;
    if (*got)
      before.ParseFromString((*got)->value);
    record_attempt(what, reason, before, *got ? (*got)->revision : 0);
  };
  bus_->get(attempts_bucket, attempts_key(*what),
            kit::in_actor(self_, std::move(counted)));
}

void durable_source_state::record_attempt(const delivery_ptr& what,
                                          const std::string& reason,
                                          state::v1::AttemptState now,
                                          std::uint64_t revision) {
  auto attempts = now.failed_attempts() + 1;
  if (attempts >= config_.attempts_max)
    return bury(what, reason, attempts);
  auto delay = kit::backoff_after(attempts, config_.backoff, random01());
  context_.journal->warning(
    "a message failed and will be tried again",
    {{"durable", config_.options.durable},
     {"subject", what->message.subject},
     {"reason", reason},
     {"attempt", std::int64_t{attempts}},
     {"retry_in_ms", static_cast<std::int64_t>(delay.count())}});
  now.set_failed_attempts(attempts);
  if (attempts == 1)
    now.set_first_failure_at_ms(context_.now());
  now.set_last_error(reason);
  bus_->put(
    attempts_bucket, attempts_key(*what), now.SerializeAsString(), revision,
    kit::in_actor(self_, [this, what, delay](caf::expected<std::uint64_t>) {
      settle(what, {settlement::kind::nak, delay});
    }));
}

void durable_source_state::give_up(const delivery_ptr& what,
                                   const std::string& reason) {
  auto refused = config_.options.durable + " refused it: ";
  if (what->delivered == 1)
    return bury(what, reason, 1, refused);
  // Attempts that failed before count.
  using entry = std::optional<key_value_entry>;
  auto counted = [this, what, reason,
                  refused](const caf::expected<entry>& got) {
    if (!got)
      return settle(what, {settlement::kind::nak, handler_away});
    state::v1::AttemptState before;
    if (*got)
      before.ParseFromString((*got)->value);
    bury(what, reason, before.failed_attempts() + 1, refused);
  };
  bus_->get(attempts_bucket, attempts_key(*what),
            kit::in_actor(self_, std::move(counted)));
}

void durable_source_state::bury(const delivery_ptr& what,
                                const std::string& reason,
                                std::uint32_t attempts,
                                const std::string& refused) {
  auto letter = make_dead_letter(what->message,
                                 {.durable = config_.options.durable,
                                  .stream = what->stream,
                                  .sequence = what->sequence,
                                  .stored_at_ms = what->stored_at_ms,
                                  .reason = refused + reason,
                                  .attempts = attempts});
  context_.journal->error(
    "a message became a dead letter",
    {{"durable", config_.options.durable},
     {"subject", what->message.subject},
     {"sequence", static_cast<std::int64_t>(what->sequence)},
     {"reason", reason},
     {"attempts", std::int64_t{attempts}}});
  // Kept first, given up second: a crash in between keeps it twice under one
  // id, never not at all.
  bus_->publish(
    std::move(letter),
    kit::in_actor(self_, [this, what, reason](caf::expected<publish_ack> ack) {
      if (!ack)
        return settle(what, {settlement::kind::nak, handler_away});
      self_->send(handler_, delivery_buried{what, reason});
      bus_->erase(attempts_bucket, attempts_key(*what), [](auto&&) {});
      settle(what, {settlement::kind::term});
    }));
}

void durable_source_state::settle(const delivery_ptr& what, settlement how) {
  if (!subscription_)
    return;
  auto answered = [this, what, how](caf::expected<bool> got) {
    // The bus lost the word, as when its disk is full: told again, so that the
    // message need not wait for the end of its ack wait.
    if (!got && got.error() != ec::not_found && !draining_)
      return self_->delayed_send(self_, settle_again_after,
                                 settle_again{what, how});
    settled(what);
  };
  subscription_->settle(what->token, how,
                        kit::in_actor(self_, std::move(answered)));
}

void durable_source_state::settled(const delivery_ptr& what) {
  if (in_flight_.erase(what->token) == 0)
    return;
  if (draining_ && in_flight_.empty())
    return self_->quit(exit_reason_);
  if (!draining_)
    subscription_->request(1);
}

void durable_source_state::keep_alive() {
  for (const auto& [token, what] : in_flight_)
    subscription_->settle(token, {settlement::kind::in_progress},
                          [](auto&&) {});
  self_->delayed_send(self_, config_.options.ack_wait / 3, keep_alive_tick{});
}

void durable_source_state::drain(const caf::error& reason) {
  draining_ = true;
  exit_reason_ = reason;
  if (in_flight_.empty())
    self_->quit(exit_reason_);
}

std::string durable_source_state::attempts_key(const delivery& what) const {
  return config_.options.durable + "." + std::to_string(what.sequence);
}

caf::behavior
durable_source(caf::stateful_actor<durable_source_state>* self,
               actor_context context, std::shared_ptr<bus> bus,
               delivery_handler_actor handler, durable_source_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(handler), std::move(config));
}

} // namespace stravasync
