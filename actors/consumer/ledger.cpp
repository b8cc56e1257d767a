#include "actors/consumer/ledger.hpp"

#include "actors/consumer/ledger_parts.hpp"

#include <algorithm>
#include <array>

namespace stravasync {

namespace {

using namespace ledger_parts;

constexpr auto closed_windows_max = 100;
/// How soon to ask again while the first request confirms the limits.
constexpr auto confirming_ms = unix_ms{200};

void begin_window(gauge& which, std::uint32_t carried) {
  which.set_used(carried);
  which.set_reported(0);
  which.set_blind(0);
}

void close_window(ledger& book) {
  auto* closed = book.add_closed();
  closed->set_window_start_ms(book.window_start_ms());
  closed->set_used_read(book.short_read().used());
  closed->set_limit_read(book.short_read().limit());
  closed->set_refused_any(book.refused_any());
  if (book.closed_size() > closed_windows_max)
    book.mutable_closed()->erase(book.closed().begin());
}

/// One kind of window with the gauges that count in it.
struct window_view {
  unix_ms start_ms;
  unix_ms length_ms;
  std::array<const gauge*, 2> gauges;
};

/// @returns nothing if the window has a permit for `lane`, else when it may.
std::optional<unix_ms>
blocked_until(const window_view& window, unix_ms now, jobs::v1::Lane lane,
              const budget_rules& rules) {
  auto elapsed = static_cast<double>(now - window.start_ms)
                 / static_cast<double>(window.length_ms);
  auto next = std::optional<unix_ms>{};
  for (const auto* one : window.gauges) {
    if (left(*one, reserve_for(lane, one->limit(), elapsed, rules)) > 0)
      continue;
    auto until = left(*one, 0) > 0
                   ? open_to_all(window.start_ms, window.length_ms, rules)
                   : window.start_ms + window.length_ms;
    next = std::max(next.value_or(until), until);
  }
  return next;
}

unix_ms kept_for(const budget_rules& rules) {
  return std::min(rules.lease_keep, rules.lease_max).count();
}

} // namespace

ledger new_ledger(const budget_rules& rules, unix_ms now) {
  ledger book;
  book.set_window_start_ms(floor_to(now, rules.window.count()));
  book.set_day_start_ms(floor_to(now, day_ms));
  book.mutable_short_overall()->set_limit(rules.short_overall);
  book.mutable_day_overall()->set_limit(rules.day_overall);
  book.mutable_short_read()->set_limit(rules.short_read);
  book.mutable_day_read()->set_limit(rules.day_read);
  return book;
}

void roll(ledger& book, unix_ms now, const budget_rules& rules) {
  if (auto start = floor_to(now, rules.window.count());
      start > book.window_start_ms()) {
    close_window(book);
    book.set_window_start_ms(start);
    book.set_refused_any(false);
    begin_window(*book.mutable_short_overall(), chargeable(book, start));
    begin_window(*book.mutable_short_read(), chargeable(book, start));
  }
  if (auto start = floor_to(now, day_ms); start > book.day_start_ms()) {
    book.set_day_start_ms(start);
    begin_window(*book.mutable_day_overall(), chargeable(book, start));
    begin_window(*book.mutable_day_read(), chargeable(book, start));
  }
  drop_openings(book, [now](unix_ms at) { return at <= now; });
  auto since = std::min(book.window_start_ms(), book.day_start_ms());
  drop_leases(book, [since](const ledger::Lease& one) {
    return one.expires_at_ms() <= since;
  });
}

std::uint32_t in_flight(const ledger& book, unix_ms now) {
  return chargeable(book, now);
}

std::optional<unix_ms>
lease(ledger& book, unix_ms now, jobs::v1::Lane lane, const std::string& id,
      const std::string& node, const budget_rules& rules) {
  roll(book, now, rules);
  if (!book.confirmed() && in_flight(book, now) > 0)
    return now + confirming_ms;
  // A clock that went back must not reach into windows that are over.
  auto at = std::max(now, book.window_start_ms());
  auto length = day_ms;
  auto until = blocked_until(
    {book.day_start_ms(), day_ms, {&book.day_read(), &book.day_overall()}}, at,
    lane, rules);
  if (!until) {
    length = rules.window.count();
    until = blocked_until({book.window_start_ms(),
                           length,
                           {&book.short_read(), &book.short_overall()}},
                          at, lane, rules);
  }
  if (until) {
    book.set_refused_any(true);
    return std::min(*until, now + length);
  }
  take_all(book);
  auto* one = book.add_leases();
  one->set_id(id);
  one->set_node(node);
  one->set_taken_at_ms(at);
  one->set_expires_at_ms(at + kept_for(rules));
  return std::nullopt;
}

void renew(ledger& book, unix_ms now, const std::string& id,
           const budget_rules& rules) {
  for (auto& one : *book.mutable_leases()) {
    auto until = std::min(now + kept_for(rules),
                          one.taken_at_ms() + rules.lease_max.count());
    // Not with each write, and not after the last one.
    auto soon = one.expires_at_ms() < now + kept_for(rules) / 2;
    if (one.id() == id && soon && until > one.expires_at_ms())
      one.set_expires_at_ms(until);
  }
}

void abandon_others(ledger& book, unix_ms now, const std::string& node,
                    milliseconds grace, const budget_rules& rules) {
  roll(book, now, rules);
  for (auto& one : *book.mutable_leases())
    if (one.node() != node)
      one.set_expires_at_ms(
        std::min<unix_ms>(one.expires_at_ms(), now + grace.count()));
}

} // namespace stravasync
