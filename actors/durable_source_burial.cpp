#include "actors/attempts.hpp"
#include "actors/durable_source.hpp"
#include "actors/kit/backoff.hpp"
#include "actors/kit/continuation.hpp"
#include "messages/error.hpp"

#include <random>
#include <utility>

// How a DURABLE SOURCE counts attempts, and what it does at their end.

namespace stravasync {

namespace {

constexpr auto bus_away = milliseconds{1'000};
constexpr auto unwritten_max = std::size_t{100'000};

double random01() {
  thread_local auto engine = std::mt19937{std::random_device{}()};
  return std::uniform_real_distribution<>{0, 1}(engine);
}

} // namespace

void durable_source_state::write(const task_ptr& t,
                                 std::function<void(bool)> then) {
  auto written
    = [t, then = std::move(then)](const caf::expected<std::uint64_t>& got) {
        if (got)
          t->revision = *got;
        then(got.engaged());
      };
  bus_->put(attempts_bucket, attempts_key(*t->what),
            t->known->SerializeAsString(), t->revision,
            kit::in_actor(self_, std::move(written)));
}

void durable_source_state::count_attempt(const task_ptr& t,
                                         const std::string& reason) {
  if (t->known)
    return record_attempt(t, reason);
  look_up(t, [this, t, reason] { record_attempt(t, reason); });
}

void durable_source_state::record_attempt(const task_ptr& t,
                                          const std::string& reason) {
  note_failed(*t->known, {context_.now(), context_.node, reason});
  auto attempts = t->known->failed_attempts();
  if (attempts >= config_.attempts_max)
    return bury(t, reason);
  auto delay = kit::backoff_after(attempts, config_.backoff, random01());
  context_.journal->warning(
    "a message failed and will be tried again",
    {{"durable", config_.options.durable},
     {"subject", t->what->message.subject},
     {"reason", reason},
     {"attempt", std::int64_t{attempts}},
     {"retry_in_ms", static_cast<std::int64_t>(delay.count())}});
  write(t, [this, t, delay](bool written) {
    if (!written)
      remember(*t);
    give_back(t, delay);
  });
}

/// A bus that takes no counts must not make a message that always fails come
/// for ever.
void durable_source_state::remember(const task& t) {
  if (unwritten_.size() >= unwritten_max)
    unwritten_.clear();
  unwritten_[t.what->sequence] = *t.known;
}

void durable_source_state::give_up(const task_ptr& t,
                                   const std::string& reason) {
  auto refused = config_.options.durable + " refused it: ";
  auto note = [this, t, reason, refused] {
    note_failed(*t->known, {context_.now(), context_.node, reason});
    bury(t, reason, refused);
  };
  if (t->known)
    return note();
  // Attempts that failed before count.
  if (t->what->delivered > 1)
    return look_up(t, note);
  t->known.emplace();
  note();
}

void durable_source_state::bury(const task_ptr& t, const std::string& reason,
                                const std::string& refused) {
  const auto& what = *t->what;
  auto attempts = attempts_spent(*t->known);
  context_.journal->error(
    "a message became a dead letter",
    {{"durable", config_.options.durable},
     {"subject", what.message.subject},
     {"sequence", static_cast<std::int64_t>(what.sequence)},
     {"reason", reason},
     {"attempts", std::int64_t{attempts}}});
  keep(t,
       {.durable = config_.options.durable,
        .stream = what.stream,
        .sequence = what.sequence,
        .stored_at_ms = what.stored_at_ms,
        .reason = refused + reason,
        .attempts = attempts,
        .log = attempt_log(*t->known)},
       reason, true);
}

/// Kept first, given up second: a crash in between keeps it twice under one id,
/// never not at all.
void durable_source_state::keep(const task_ptr& t, const burial& why,
                                const std::string& reason, bool whole) {
  auto letter = make_dead_letter(t->what->message, why);
  if (whole)
    letter.headers.insert(t->keepsakes.begin(), t->keepsakes.end());
  else
    letter = cut_short(std::move(letter));
  auto published = [this, t, why, reason,
                    whole](const caf::expected<publish_ack>& ack) {
    if (ack)
      return kept(t, reason);
    // As large as the bus takes, it leaves no room for what a letter says.
    if (whole && code_of(ack.error()) == ec::invalid_argument)
      return keep(t, why, reason, false);
    settle(t, {settlement::kind::nak, bus_away});
  };
  bus_->publish(std::move(letter), kit::in_actor(self_, std::move(published)));
}

void durable_source_state::kept(const task_ptr& t, const std::string& reason) {
  auto tell = [this, t, reason] {
    self_->send(handler_, delivery_buried{t->what, reason});
  };
  // The handler may not outlive even to hear of it: that comes last then.
  auto deadly = t->known->begun() > 0;
  if (!deadly)
    tell();
  bus_->erase(attempts_bucket, attempts_key(*t->what), [](auto&&) {});
  settle(t, {settlement::kind::term},
         deadly ? std::function<void()>{tell} : std::function<void()>{});
}

} // namespace stravasync
