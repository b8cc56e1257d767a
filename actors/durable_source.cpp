#include "actors/durable_source.hpp"

#include "actors/attempts.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/fault.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"
#include "messages/validation.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

using namespace std::chrono_literals;

constexpr auto handler_away = milliseconds{1'000};
constexpr auto given_back_max = std::size_t{100'000};
constexpr auto settle_again_after = milliseconds{1'000};

struct keep_alive_tick {};

struct settle_again {
  std::function<void()> go;
};

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
    [](const settle_again& x) { x.go(); });
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
  if (!got && code_of(got.error()) == ec::conflict
      && config_.former_ack_wait.count() > 0)
    return migrate(got.error());
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

/// Who can join it as the earlier version did knows that it is that version's.
void durable_source_state::migrate(const caf::error& why) {
  auto former = config_.options;
  former.ack_wait = std::exchange(config_.former_ack_wait, 0ms);
  auto joined_it = [this, why](
                     const caf::expected<std::shared_ptr<subscription>>& got) {
    if (!got)
      return self_->quit(with_context(why, config_.options.durable));
    context_.journal->info("a durable of an earlier version is changed to this "
                           "version's ack wait",
                           {{"durable", config_.options.durable}});
    if (!draining_)
      apply_options();
  };
  bus_->subscribe(
    former, [](auto&&) {}, kit::in_actor(self_, std::move(joined_it)));
}

void durable_source_state::take(delivery what) {
  auto t = std::make_shared<task>();
  t->what = std::make_shared<const delivery>(std::move(what));
  in_flight_.emplace(t->what->token, t);
  if (draining_) // For somebody else.
    return settle(t, {settlement::kind::nak, 0ms});
  if (is_for_another(t->what->message, config_.options.durable))
    return settle(t, {settlement::kind::ack});
  if (auto fault = fault_of(t->what->message.headers); !fault.empty())
    return give_up(t, fault);
  auto mine = given_back_.extract(t->what->sequence);
  auto known = !mine.empty() && mine.mapped() + 1 == t->what->delivered;
  if (t->what->delivered == 1 || known)
    return hand_over(t);
  look_up(t, [this, t] { consider(t); });
}

void durable_source_state::look_up(const task_ptr& t,
                                   std::function<void()> then) {
  using entry = std::optional<key_value_entry>;
  auto found = [this, t, then = std::move(then)](caf::expected<entry> got) {
    if (!got)
      return settle(t, {settlement::kind::nak, handler_away});
    t->known = attempts_of(*got ? (*got)->value : std::string{},
                           t->what->stored_at_ms);
    t->revision = *got ? (*got)->revision : 0;
    recall(*t);
    then();
  };
  bus_->get(attempts_bucket, attempts_key(*t->what),
            kit::in_actor(self_, std::move(found)));
}

/// What this node counted holds, though the bus would not keep it.
void durable_source_state::recall(task& t) {
  auto mine = unwritten_.extract(t.what->sequence);
  if (!mine.empty() && mine.mapped().stored_at_ms() == t.what->stored_at_ms
      && mine.mapped().failed_attempts() > t.known->failed_attempts())
    *t.known = std::move(mine.mapped());
}

/// Somebody had it before: did that end well?
void durable_source_state::consider(const task_ptr& t) {
  if (draining_) // For somebody else.
    return settle(t, {settlement::kind::nak, 0ms});
  if (t->known->begun() == 0)
    return begin(t);
  if (attempts_spent(*t->known) >= config_.attempts_max)
    return bury(t, never_outlived_reason(*t->known));
  suspects_.push_back(t);
  next_suspect();
}

/// Those that were begun least often come first: of what was in the same
/// process, the one that ended it is begun most often.
void durable_source_state::next_suspect() {
  if (suspect_ || suspects_.empty() || draining_)
    return;
  auto next = std::ranges::min_element(
    suspects_, {}, [](const task_ptr& t) { return t->known->begun(); });
  suspect_ = *next;
  suspects_.erase(next);
  begin(suspect_);
}

void durable_source_state::begin(const task_ptr& t) {
  note_begun(*t->known, context_.now(), context_.node);
  write(t, [this, t](bool written) {
    // Unless another node is at it.
    if (!written || draining_)
      return settle(t, {settlement::kind::nak, handler_away});
    hand_over(t);
  });
}

void durable_source_state::hand_over(const task_ptr& t) {
  self_->request(handler_, caf::infinite, handle_delivery{t->what})
    .then([this, t](const outcome& result) { decided(t, result); },
          [this, t](const caf::error& why) { failed(t, why); });
}

void durable_source_state::decided(const task_ptr& t, const outcome& result) {
  t->keepsakes = result.kept;
  switch (result.decision) {
    case outcome::verdict::ack:
      if (t->what->delivered > 1)
        bus_->erase(attempts_bucket, attempts_key(*t->what), [](auto&&) {});
      return settle(t, {settlement::kind::ack});
    case outcome::verdict::snooze:
      return snooze(t, result.delay);
    case outcome::verdict::retry:
      return count_attempt(t, result.reason);
    case outcome::verdict::dead_letter:
      return give_up(t, result.reason);
  }
}

void durable_source_state::failed(const task_ptr& t, const caf::error& why) {
  // Not even begun: the handler is down and says when it is back.
  if (why == kit::fault::unavailable)
    return snooze(t, kit::retry_after_of(why).value_or(handler_away));
  count_attempt(t, "the handler crashed: " + detail_of(why));
}

void durable_source_state::snooze(const task_ptr& t, milliseconds delay) {
  if (!t->known)
    return give_back(t, delay);
  note_settled(*t->known);
  write(t, [this, t, delay](bool) { give_back(t, delay); });
}

void durable_source_state::settle(const task_ptr& t, settlement how,
                                  std::function<void()> then) {
  if (!subscription_)
    return;
  auto answered = [this, t, how, then](caf::expected<bool> got) {
    // The bus lost the word, as when its disk is full: told again, so that the
    // message need not wait for the end of its ack wait.
    if (!got && got.error() != ec::not_found && !draining_)
      return self_->delayed_send(
        self_, settle_again_after,
        settle_again{[this, t, how, then] { settle(t, how, then); }});
    if (then)
      then();
    settled(t);
  };
  subscription_->settle(t->what->token, how,
                        kit::in_actor(self_, std::move(answered)));
}

void durable_source_state::give_back(const task_ptr& t, milliseconds delay) {
  if (given_back_.size() >= given_back_max)
    given_back_.clear();
  given_back_[t->what->sequence] = t->what->delivered;
  settle(t, {settlement::kind::nak, delay});
}

void durable_source_state::settled(const task_ptr& t) {
  if (t == suspect_)
    suspect_.reset();
  if (in_flight_.erase(t->what->token) == 0)
    return;
  if (draining_ && in_flight_.empty())
    return self_->quit(exit_reason_);
  if (!draining_)
    subscription_->request(1);
  next_suspect();
}

void durable_source_state::keep_alive() {
  for (const auto& [token, t] : in_flight_)
    subscription_->settle(token, {settlement::kind::in_progress},
                          [](auto&&) {});
  self_->delayed_send(self_, config_.options.ack_wait / 3, keep_alive_tick{});
}

void durable_source_state::drain(const caf::error& reason) {
  draining_ = true;
  exit_reason_ = reason;
  for (const auto& t : std::exchange(suspects_, {}))
    settle(t, {settlement::kind::nak, 0ms});
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
