#include "actors/api/outbox_relay.hpp"

#include "actors/api/records.hpp"
#include "actors/api/start_times.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

/// How often it looks for what a clock that was ahead wrote.
constexpr auto polls_per_look = 12u;
/// How often it begins to look among activities, some at a time: they are many,
/// and no index is worth its writes.
constexpr auto polls_per_scan = 60 * polls_per_look;

} // namespace

outbox_relay_state::outbox_relay_state(
  outbox_relay_actor::stateful_pointer<outbox_relay_state> self)
  : self_{self} {
}

outbox_relay_actor::behavior_type
outbox_relay_state::make_behavior(actor_context context, store_access store,
                                  std::shared_ptr<publisher> bus,
                                  outbox_relay_config config) {
  context_ = std::move(context);
  store_ = std::move(store);
  bus_ = std::move(bus);
  config_ = config;
  self_->send(self_, outbox_poll{});
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](outbox_filled) { wake(); },
    [this](outbox_retry) {
      retries_ = false;
      wake();
    },
    [this](outbox_poll) {
      auto poll = polls_++;
      if (poll % polls_per_scan == 0)
        take_up_again();
      wake();
      if (poll % polls_per_scan == 0)
        looks_at_fetched_ = true;
      if (poll % polls_per_look == 0) {
        bring_back();
        if (looks_at_fetched_)
          look_at_fetched();
      }
      self_->delayed_send(self_, config_.poll, outbox_poll{});
    });
}

void outbox_relay_state::wake() {
  if (std::exchange(busy_, true)) {
    more_ = true;
    return;
  }
  more_ = false;
  if (config_.takes_turns)
    take_turn();
  else
    read_rows();
}

void outbox_relay_state::take_turn() {
  enum class answer : std::uint8_t { nothing_waits, of_another, ours };
  auto now = context_.now();
  write_store<answer>(
    self_, store_,
    [node = context_.node, now, until = now + config_.turn.count(),
     except = refusing_.passed_over(polls_)](transaction& tx,
                                             answer& out) -> caf::error {
      auto waits = tx.queries().unsent(1, except);
      if (!waits || waits->empty())
        return waits ? caf::error{} : waits.error();
      auto got = tx.queries().take_turn(node, now, until);
      if (!got)
        return got.error();
      out = *got ? answer::ours : answer::of_another;
      return {};
    },
    [this](const caf::expected<answer>& got) {
      if (got && *got == answer::ours)
        return read_rows();
      if (got && *got == answer::of_another) {
        more_ = false;
        if (!std::exchange(retries_, true))
          self_->delayed_send(self_, config_.turn_retry, outbox_retry{});
      }
      rest(false);
    });
}

void outbox_relay_state::read_rows() {
  using rows = std::vector<outbox_message>;
  read_store<rows>(
    self_, store_,
    [limit = config_.batch, except = refusing_.passed_over(polls_)](
      transaction& tx, rows& out) -> caf::error {
      auto got = tx.queries().unsent(limit, except);
      if (!got)
        return got.error();
      out = std::move(*got);
      return {};
    },
    [this](caf::expected<rows> got) {
      // A store that is down says so by itself; the poll comes back to it.
      if (!got || got->empty())
        return leave_turn(false);
      publish(std::move(*got));
    });
}

/// If that fails, the turn is over by itself.
void outbox_relay_state::leave_turn(bool more) {
  if (!config_.takes_turns)
    return rest(more);
  write_store<bool>(
    self_, store_,
    [node = context_.node](transaction& tx, bool&) {
      return tx.queries().leave_turn(node);
    },
    [this, more](const caf::expected<bool>&) { rest(more); });
}

void outbox_relay_state::bring_back() {
  auto now = context_.now();
  write_store<std::int64_t>(
    self_, store_,
    [now](transaction& tx, std::int64_t& out) -> caf::error {
      auto hit = tx.queries().bring_back(now, now + clocks_apart_max_ms);
      if (!hit)
        return hit.error();
      out = *hit;
      return {};
    },
    [this](const caf::expected<std::int64_t>& hit) { tell_brought_back(hit); });
}

/// So many at a time cost the same however many there are.
void outbox_relay_state::look_at_fetched() {
  constexpr auto rows_at_once = std::uint32_t{10'000};
  auto ahead = context_.now() + clocks_apart_max_ms;
  read_store_long<fetched_look>(
    self_, store_,
    [ahead, behind = looked_to_](transaction& tx, fetched_look& out) {
      auto look = tx.queries().look_for_fetched_after(ahead, behind,
                                                      rows_at_once);
      if (look)
        out = *look;
      return look ? caf::error{} : look.error();
    },
    [this](const caf::expected<fetched_look>& look) {
      if (!look)
        return; // From there again, a minute later.
      looked_to_ = look->last_id;
      looks_at_fetched_ = looked_to_ > 0;
      if (look->any)
        bring_fetched_back();
    });
}

void outbox_relay_state::bring_fetched_back() {
  auto now = context_.now();
  write_store<std::int64_t>(
    self_, store_,
    [now](transaction& tx, std::int64_t& out) -> caf::error {
      auto hit = tx.queries().bring_fetched_back(now,
                                                 now + clocks_apart_max_ms);
      if (!hit)
        return hit.error();
      out = *hit;
      return {};
    },
    [this](const caf::expected<std::int64_t>& hit) { tell_brought_back(hit); });
}

void outbox_relay_state::tell_brought_back(
  const caf::expected<std::int64_t>& rows) {
  if (rows && *rows > 0)
    context_.journal->warning("rows of the future were brought back: a clock "
                              "was wrong when they were stored",
                              {{"rows", *rows}});
}

void outbox_relay_state::publish(std::vector<outbox_message> rows) {
  rows_ = std::move(rows);
  in_flight_ = rows_.size();
  for (auto at = std::size_t{0}; at < rows_.size(); ++at)
    bus_->publish(
      to_envelope(rows_[at]),
      kit::in_actor(
        self_, [this, at](caf::expected<publish_ack> ack) { acked(at, ack); }));
}

void outbox_relay_state::acked(std::size_t at,
                               const caf::expected<publish_ack>& ack) {
  if (ack) {
    auto& row = rows_[at];
    row.sent_sequence = static_cast<std::int64_t>(ack->sequence);
    sent_.push_back(row.id);
    auto& last = last_[ack->stream];
    if (last == nullptr || last->sent_sequence < row.sent_sequence)
      last = &row;
    if (refusing_.took(row.subject, polls_))
      context_.journal->info("the bus takes messages again",
                             {{"stream", ack->stream}});
  } else {
    refused(rows_[at], ack.error());
  }
  if (--in_flight_ == 0)
    mark_sent();
}

void outbox_relay_state::refused(const outbox_message& row,
                                 const caf::error& why) {
  auto home = home_of(row.subject);
  if (home.empty() || code_of(why) == ec::invalid_argument) {
    set_aside_.push_back(row.id);
    if (set_aside_.size() == 1)
      why_set_aside_ = row.message_id + ": " + detail_of(why);
  } else if (refusing_.refused(row.subject, polls_,
                               code_of(why) != ec::unavailable)) {
    context_.journal->warning(
      "the bus takes no messages; they wait in the "
      "outbox",
      {{"subjects", std::string{home}}, {"reason", detail_of(why)}});
  }
}

void outbox_relay_state::tell_set_aside() {
  context_.journal->error(
    "the bus refuses outbox rows as they are; they are set aside and tried "
    "again every hour",
    {{"rows", static_cast<std::int64_t>(set_aside_.size())},
     {"first", why_set_aside_}});
}

void outbox_relay_state::take_up_again() {
  write_store<std::int64_t>(
    self_, store_,
    [](transaction& tx, std::int64_t& out) -> caf::error {
      auto rows = tx.queries().take_up_again();
      if (!rows)
        return rows.error();
      out = *rows;
      return {};
    },
    [this](const caf::expected<std::int64_t>& rows) {
      if (rows && *rows > 0)
        wake();
    });
}

void outbox_relay_state::mark_sent() {
  if (!set_aside_.empty())
    tell_set_aside();
  auto ids = std::exchange(sent_, {});
  auto aside = std::exchange(set_aside_, {});
  // All were refused: what other streams take may stand behind them.
  if (ids.empty() && aside.empty())
    return leave_turn(true);
  auto now = context_.now();
  std::vector<outbox_message> last;
  for (const auto& [stream, row] : std::exchange(last_, {})) {
    row->sent_at_ms = now;
    last.push_back(std::move(*row));
  }
  write_store<bool>(
    self_, store_,
    [ids = std::move(ids), aside = std::move(aside), last = std::move(last),
     now, node = context_.node,
     takes_turns = config_.takes_turns](transaction& tx, bool&) -> caf::error {
      if (auto why = tx.queries().mark_sent(ids, now))
        return why;
      if (auto why = tx.queries().mark_sent(aside, -now))
        return why;
      for (const auto& row : last) {
        auto why = tx.outbox().update(row);
        if (why && code_of(why) != ec::not_found)
          return why;
      }
      return takes_turns ? tx.queries().leave_turn(node) : caf::error{};
    },
    [this](const caf::expected<bool>& got) { rest(bool{got}); });
}

void outbox_relay_state::rest(bool more) {
  busy_ = false;
  if (more || more_)
    wake();
}

outbox_relay_actor::behavior_type
outbox_relay(outbox_relay_actor::stateful_pointer<outbox_relay_state> self,
             actor_context context, store_access store,
             std::shared_ptr<publisher> bus, outbox_relay_config config) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(bus), config);
}

} // namespace stravasync
