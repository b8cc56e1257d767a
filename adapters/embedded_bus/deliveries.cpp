#include "adapters/embedded_bus/storage.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync::embedded_bus {

namespace {

// So that one turn does not hold up the others' calls.
constexpr auto messages_per_turn = std::size_t{2'000};
constexpr auto bytes_per_turn = std::size_t{16} * 1024 * 1024;
constexpr auto scanned_per_turn = std::size_t{5'000};

/// Which delivery of which message to which durable.
struct delivery_token {
  std::int64_t durable = 0;
  std::uint64_t sequence = 0;
  std::uint32_t deliveries = 0;
};

std::string to_string(const delivery_token& token) {
  return std::to_string(token.durable) + '.' + std::to_string(token.sequence)
         + '.' + std::to_string(token.deliveries);
}

/// @returns a token of no durable if `text` is none.
delivery_token parse_token(std::string_view text) {
  delivery_token result;
  const auto* at = text.data();
  const auto* end = at + text.size();
  auto take = [&](auto& number, bool last) {
    auto [next, problem] = std::from_chars(at, end, number);
    auto good = problem == std::errc{}
                && (last ? next == end : next != end && *next == '.');
    at = next + 1;
    return good;
  };
  if (take(result.durable, false) && take(result.sequence, false)
      && take(result.deliveries, true))
    return result;
  return {};
}

} // namespace

std::shared_ptr<member> durable::member_with_credit() {
  for (std::size_t i = 0; i < members.size(); ++i) {
    next_member = (next_member + 1) % members.size();
    if (members[next_member]->credit > 0)
      return members[next_member];
  }
  return nullptr;
}

caf::expected<bool> storage::settle(durable& from, const std::string& token,
                                    const settlement& what) {
  auto which = parse_token(token);
  const auto* found = from.id != 0 && which.durable == from.id
                        ? from.unsettled.find(which.sequence)
                        : nullptr;
  if (found == nullptr)
    return make_failure(ec::not_found, "delivery " + token + " of durable "
                                         + from.name
                                         + " is settled or unknown");
  // Delivered again meanwhile: when to deliver next is that delivery's to say.
  auto superseded = which.deliveries != found->deliveries;
  switch (what.decision) {
    case settlement::kind::ack:
    case settlement::kind::term:
      erase(from, which.sequence);
      break;
    case settlement::kind::nak:
      if (!superseded) {
        auto delay = std::max(what.delay, milliseconds{0});
        put(from, which.sequence, {found->deliveries, now_.steady + delay},
            std::max<unix_ms>(now_.wall_ms + delay.count(), 1));
      }
      break;
    case settlement::kind::in_progress:
      if (!superseded)
        from.unsettled.put(which.sequence,
                           {found->deliveries, now_.steady + from.ack_wait});
      break;
  }
  return true;
}

void storage::put(durable& d, std::uint64_t sequence, unsettled value,
                  unix_ms due_at_ms) {
  execution{tables_->put_unsettled, d.id, sequence, value.deliveries,
            std::int64_t{due_at_ms}}
    .run();
  d.unsettled.put(sequence, value);
}

void storage::erase(durable& d, std::uint64_t sequence) {
  execution{tables_->erase_unsettled, d.id, sequence}.run();
  d.unsettled.erase(sequence);
}

bool storage::deliver(std::vector<outgoing>& out) {
  auto more = false;
  for (auto& [name, s] : streams_)
    s.each_durable([&, &stream = s](durable& d) {
      // Each its own, so that a busy one does not starve the others.
      auto budget = turn_budget{messages_per_turn, bytes_per_turn,
                                scanned_per_turn};
      more = deliver_due(stream, d, budget, out) || more;
      more = deliver_new(stream, d, budget, out) || more;
    });
  return more;
}

bool storage::deliver_due(stream& s, durable& d, turn_budget& budget,
                          std::vector<outgoing>& out) {
  auto gave_up = false;
  while (!d.unsettled.by_due().empty() && !d.members.empty()) {
    auto [due, sequence] = *d.unsettled.by_due().begin();
    if (due > now_.steady)
      break;
    if (budget.messages == 0)
      return true;
    auto deliveries = d.unsettled.find(sequence)->deliveries;
    if (d.max_deliver != 0 && deliveries >= d.max_deliver) {
      erase(d, sequence);
      tell_exhausted(s, d, sequence, deliveries);
      gave_up = true;
      continue;
    }
    auto to = d.member_with_credit();
    if (to == nullptr)
      break;
    auto message = tables_->messages.find(s.id, sequence);
    if (!message) { // Too old meanwhile.
      erase(d, sequence);
      continue;
    }
    put(d, sequence, {deliveries + 1, now_.steady + d.ack_wait}, 0);
    --to->credit;
    --budget.messages;
    auto token = delivery_token{d.id, sequence, deliveries + 1};
    out.push_back(
      {std::move(to),
       {std::move(message->message), s.config.name, sequence,
        message->stored_at_ms, deliveries + 1, d.pending, to_string(token)}});
  }
  // The notices' turn may have been before.
  return gave_up;
}

bool storage::deliver_new(stream& s, durable& d, turn_budget& budget,
                          std::vector<outgoing>& out) {
  if (d.pending == 0) {
    // What is left does not match: need not be looked at again.
    d.delivered_to = std::max(d.delivered_to, s.last_sequence);
    return false;
  }
  auto more = false;
  auto first = std::max(d.delivered_to + 1, s.first_sequence);
  auto is_reader = d.name.empty();
  auto visit = [&](const message_log::row& row) {
    if (budget.messages == 0 || budget.bytes == 0 || budget.scanned == 0) {
      more = true;
      return false;
    }
    --budget.scanned;
    if (!d.matches(row.subject())) {
      d.delivered_to = row.sequence();
      d.changed = true;
      return true;
    }
    if (!is_reader && d.unsettled.size() >= d.max_ack_pending)
      return false;
    auto to = d.member_with_credit();
    if (to == nullptr)
      return false;
    auto found = row.message();
    auto sequence = found.sequence;
    d.delivered_to = sequence;
    --d.pending;
    d.changed = true;
    auto token = std::string{};
    if (!is_reader) {
      put(d, sequence, {1, now_.steady + d.ack_wait}, 0);
      token = to_string(delivery_token{d.id, sequence, 1});
    }
    --to->credit;
    --budget.messages;
    budget.bytes -= std::min(budget.bytes, found.message.payload.size());
    out.push_back({std::move(to),
                   {std::move(found.message), s.config.name, sequence,
                    found.stored_at_ms, 1, d.pending, std::move(token)}});
    return true;
  };
  tables_->messages.scan(s.id, first, s.last_sequence, visit);
  return more;
}

std::optional<milliseconds> storage::next_due() const {
  std::optional<milliseconds> result;
  for (const auto& [name, s] : streams_)
    for (const auto& [durable_name, d] : s.durables) {
      auto can_take = std::ranges::any_of(
        d->members, [](const auto& m) { return m->credit > 0; });
      if (!can_take || d->unsettled.by_due().empty())
        continue;
      auto due = d->unsettled.by_due().begin()->first;
      result = result ? std::min(*result, due) : due;
    }
  return result;
}

} // namespace stravasync::embedded_bus
