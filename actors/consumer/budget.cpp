#include "actors/consumer/budget.hpp"

#include "actors/consumer/ledger_repair.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

constexpr auto retry_bucket = milliseconds{1'000};
/// Looks at what is held within the time that renewing it may take.
constexpr auto ticks_per_keep = 4;

} // namespace

budget_state::budget_state(budget_actor::stateful_pointer<budget_state> self)
  : self_{self} {
}

budget_actor::behavior_type
budget_state::make_behavior(actor_context context,
                            std::shared_ptr<key_value> kv,
                            budget_config config) {
  context_ = std::move(context);
  kv_ = std::move(kv);
  config_ = std::move(config);
  holder_ = context_.node + (config_.life.empty() ? "" : "." + config_.life);
  time_ = upstream_time{context_, config_.steady, config_.clock_skew_max};
  random_.seed(static_cast<unsigned>(std::hash<std::string>{}(holder_)));
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const lease_permit& what) -> caf::result<permit> {
      auto reply = kit::make_promise<permit>(self_);
      leases_.push_back({what, reply});
      pump();
      return reply;
    },
    [this](const settle_permit& what) { take(what); },
    [this](budget_tick x) {
      if (x.renews)
        return tick();
      pausing_ = false;
      retrying_ = false;
      pump();
    });
}

void budget_state::take(const settle_permit& what) {
  auto& one = settlements_.emplace_back(what);
  auto received = time_.steady();
  auto given = held_.extract(one.id);
  auto sent = given ? given.mapped() : received - config_.rules.lease_max;
  auto& date_ms = one.report.usage.date_ms;
  date_ms = time_.believed(sent, received, date_ms);
  pump();
}

void budget_state::tick() {
  ticking_ = false;
  auto over = time_.steady() - config_.rules.lease_max;
  std::erase_if(held_, [&](const auto& one) { return one.second < over; });
  renewing_ = !held_.empty();
  pump();
  keep_ticking();
}

void budget_state::keep_ticking() {
  if (!held_.empty() && !std::exchange(ticking_, true))
    self_->delayed_send(self_, config_.rules.lease_keep / ticks_per_keep,
                        budget_tick{true});
}

void budget_state::pump() {
  if (busy_ || pausing_)
    return;
  if (leases_.empty() && settlements_.empty() && !renewing_) {
    fresh_ = false;
    return;
  }
  busy_ = true;
  // With others at work our copy is old, and writing by it would be in vain.
  if (!book_ || (shared_ && !fresh_))
    return load();
  auto next = write_draft();
  if (next.book.SerializeAsString() != book_->SerializeAsString()) {
    next.book.set_as_of_ms(std::max(next.book.as_of_ms(), time_.now()));
    return write(std::move(next));
  }
  auto refuses = std::ranges::any_of(
    next.decisions, [](const decision& one) { return one.until.has_value(); });
  if (refuses && !fresh_)
    return load();
  conclude(next);
  busy_ = false;
  pump();
}

void budget_state::load() {
  using entry = std::optional<key_value_entry>;
  kv_->get(budget_bucket, budget_key,
           kit::in_actor(self_, [this](caf::expected<entry> got) {
             loaded(std::move(got));
           }));
}

void budget_state::loaded(caf::expected<std::optional<key_value_entry>> got) {
  busy_ = false;
  if (!got)
    return refuse_all(got.error());
  auto revision = *got ? (*got)->revision : 0;
  shared_ = shared_ && revision != revision_;
  revision_ = revision;
  fresh_ = true;
  auto now = time_.now();
  auto found = *got ? read_ledger((*got)->value, config_.rules, now)
                    : found_ledger{new_ledger(config_.rules, now), {}};
  if (!std::exchange(unusable_, !found.unusable.empty())
      && !found.unusable.empty())
    context_.journal->warning(
      "the ledger of the budget cannot be used; a new one is begun",
      {{"reason", found.unusable}});
  time_.learn(found.book.as_of_ms());
  if (!std::exchange(started_, true))
    start(found.book);
  book_ = std::move(found.book);
  pump();
}

/// Takes over from an earlier life of this actor, and from dead processes.
void budget_state::start(ledger& book) {
  for (const auto& one : book.leases())
    if (one.node() == holder_)
      held_.try_emplace(one.id(), time_.steady());
  if (config_.sole_owner)
    abandon_others(book, time_.now(), holder_, config_.grace, config_.rules);
  // What was used in the window that is begun now is not on record if an
  // earlier clock was behind: the first answer tells.
  if (book.window_start_ms() + config_.rules.window.count() <= time_.now())
    book.set_confirmed(false);
  keep_ticking();
}

/// Takes a ledger of the future back.
/// @returns whether it was one.
bool budget_state::correct(ledger& book) {
  auto now = time_.now();
  if (time_.told())
    return take_back(book, now, time_.latest(), config_.rules);
  // Whatever was taken in that window was taken a whole one ago.
  return outwaited(book, now)
         && take_back(book, now - config_.rules.window.count(), now,
                      config_.rules);
}

bool budget_state::outwaited(const ledger& book, unix_ms now) {
  if (!is_ahead(book, now, config_.rules)) {
    ahead_.reset();
    return false;
  }
  auto at = time_.steady();
  if (!ahead_ || ahead_->window_start_ms != book.window_start_ms())
    ahead_ = standstill{book.window_start_ms(), at};
  return at - ahead_->since >= config_.rules.window;
}

void budget_state::renew_held(ledger& book, unix_ms now,
                              const budget_rules& rules) {
  renewing_ = false;
  for (const auto& [id, given] : held_)
    renew(book, now, id, rules);
}

budget_state::draft budget_state::write_draft() {
  draft next;
  next.book = *book_;
  next.corrected = correct(next.book);
  auto now = time_.now();
  auto rules = config_.rules;
  auto doubt = time_.doubt();
  rules.lease_max += doubt;
  rules.lease_keep += doubt;
  renew_held(next.book, now, rules);
  for (const auto& one : settlements_)
    settle(next.book, now, one.id, one.report, rules);
  next.settled = settlements_.size();
  std::ranges::stable_sort(
    leases_, {}, [](const waiting_lease& one) { return one.what.lane; });
  // The revision makes ids differ from those of an earlier life of this actor.
  auto prefix = holder_ + "/" + std::to_string(revision_) + "/";
  for (const auto& one : leases_) {
    auto id = prefix + std::to_string(next.decisions.size());
    auto until = lease(next.book, now, one.what.lane, id, holder_, rules);
    if (until)
      until = take_place(next.book, now, one.what.lane, *until,
                         one.what.came_before, rules);
    next.decisions.push_back({one.reply, std::move(id), until});
  }
  next.leased = leases_.size();
  return next;
}

void budget_state::write(draft next) {
  auto value = next.book.SerializeAsString();
  kv_->put(budget_bucket, budget_key, std::move(value), revision_,
           kit::in_actor(self_, [this, next = std::move(next)](
                                  caf::expected<std::uint64_t> revision) {
             written(next, std::move(revision));
           }));
}

void budget_state::written(const draft& next,
                           caf::expected<std::uint64_t> revision) {
  busy_ = false;
  if (revision) {
    book_ = next.book;
    revision_ = *revision;
    fresh_ = true;
    conflicts_ = 0;
    if (next.corrected)
      context_.journal->warning("the ledger of the budget was of the future: a "
                                "clock was wrong; it is corrected");
    conclude(next);
    return pump();
  }
  book_.reset();
  fresh_ = false;
  if (code_of(revision.error()) == ec::conflict) {
    shared_ = true;
    if (++conflicts_ > 1)
      pause();
    return pump();
  }
  lost(next);
  refuse_all(revision.error());
}

/// Nobody knows whether the write came to pass. If it did, nobody will use the
/// permits that it took: their requesters are refused.
void budget_state::lost(const draft& next) {
  for (const auto& one : next.decisions)
    if (!one.until)
      settlements_.push_back({one.id, call_report{.sent = false}});
}

void budget_state::pause() {
  constexpr auto doublings_max = 5u;
  auto most = 2u << std::min(conflicts_, doublings_max);
  pausing_ = true;
  self_->delayed_send(self_, milliseconds{1 + random_() % most}, budget_tick{});
}

void budget_state::conclude(const draft& next) {
  auto drop = [](auto& from, std::size_t count) {
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
  };
  drop(settlements_, next.settled);
  drop(leases_, next.leased);
  auto now = time_.now();
  for (const auto& one : next.decisions) {
    if (!one.until) {
      held_.emplace(one.id, time_.steady());
      one.reply.deliver(permit{one.id});
      continue;
    }
    auto wait = milliseconds{std::max<unix_ms>(1, *one.until - now)};
    one.reply.deliver(make_failure(
      ec::exhausted, "Strava's limit for this application is used up", wait));
  }
  keep_ticking();
}

void budget_state::refuse_all(const caf::error& why) {
  auto answer = make_failure(ec::unavailable,
                             "the budget cannot be read: " + detail_of(why),
                             retry_after_of(why).value_or(retry_bucket));
  for (const auto& one : std::exchange(leases_, {}))
    one.reply.deliver(answer);
  if (!settlements_.empty() && !std::exchange(retrying_, true))
    self_->delayed_send(self_, retry_bucket, budget_tick{});
}

budget_actor::behavior_type
budget(budget_actor::stateful_pointer<budget_state> self, actor_context context,
       std::shared_ptr<key_value> kv, budget_config config) {
  return self->state.make_behavior(std::move(context), std::move(kv),
                                   std::move(config));
}

} // namespace stravasync
