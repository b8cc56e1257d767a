#include "actors/consumer/ledger.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace stravasync {

namespace {

using gauge = ledger::Gauge;

constexpr auto day_ms = unix_ms{86'400'000};
constexpr auto closed_windows_max = 100;
/// How soon to ask again while the first request confirms the limits.
constexpr auto confirming_ms = unix_ms{200};

unix_ms floor_to(unix_ms at, unix_ms length) {
  return at - ((at % length) + length) % length;
}

void begin_window(gauge& which, std::uint32_t carried) {
  which.set_used(carried);
  which.set_reported(0);
  which.set_blind(0);
}

std::uint32_t left(const gauge& which, std::uint32_t reserve) {
  auto kept = which.used() + reserve;
  return which.limit() > kept ? which.limit() - kept : 0;
}

void release(gauge& which) {
  if (which.used() > 0)
    which.set_used(which.used() - 1);
}

/// Drops leases whose requests are beyond being counted.
void expire(ledger& book, unix_ms now) {
  auto* all = book.mutable_leases();
  all->erase(std::remove_if(all->begin(), all->end(),
                            [now](const ledger::Lease& one) {
                              return one.expires_at_ms() <= now;
                            }),
             all->end());
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

/// The permits of a window that `lane` must leave alone at this time.
std::uint32_t reserve_for(jobs::v1::Lane lane, std::uint32_t limit,
                          double elapsed, const budget_rules& rules) {
  if (lane == jobs::v1::LANE_LIVE || elapsed >= rules.live_release)
    return 0;
  auto share = lane == jobs::v1::LANE_USER ? rules.live_share / 2
                                           : rules.live_share;
  return static_cast<std::uint32_t>(std::ceil(share * limit));
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
    auto open_to_all
      = window.start_ms
        + static_cast<unix_ms>(std::ceil(
          rules.live_release * static_cast<double>(window.length_ms)));
    auto until = left(*one, 0) > 0 ? open_to_all
                                   : window.start_ms + window.length_ms;
    next = std::max(next.value_or(until), until);
  }
  return next;
}

void take(gauge& which) {
  which.set_used(which.used() + 1);
}

void take_all(ledger& book) {
  take(*book.mutable_short_overall());
  take(*book.mutable_short_read());
  take(*book.mutable_day_overall());
  take(*book.mutable_day_read());
}

/// Brings a gauge in line with what a response of its window said.
void correct(gauge& which, std::optional<std::uint32_t> limit,
             std::optional<std::uint32_t> used, bool same_window, bool settled,
             std::uint32_t in_flight) {
  if (limit && *limit > 0)
    which.set_limit(*limit);
  if (!same_window)
    return;
  if (!used) {
    if (settled)
      which.set_blind(which.blind() + 1);
    return;
  }
  which.set_reported(std::max(which.reported(), *used));
  auto counted = which.reported() + which.blind();
  // Nothing is in flight: what Strava counted is all there is, so permits of
  // requests that never arrived come back.
  if (in_flight == 0)
    which.set_used(counted);
  else
    which.set_used(std::max(which.used(), which.reported()));
}

void exhaust(gauge& which) {
  which.set_used(std::max(which.used(), which.limit()));
  which.set_reported(which.used());
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
  expire(book, now);
  auto in_flight = static_cast<std::uint32_t>(book.leases_size());
  if (auto start = floor_to(now, rules.window.count());
      start > book.window_start_ms()) {
    close_window(book);
    book.set_window_start_ms(start);
    book.set_refused_any(false);
    begin_window(*book.mutable_short_overall(), in_flight);
    begin_window(*book.mutable_short_read(), in_flight);
  }
  if (auto start = floor_to(now, day_ms); start > book.day_start_ms()) {
    book.set_day_start_ms(start);
    begin_window(*book.mutable_day_overall(), in_flight);
    begin_window(*book.mutable_day_read(), in_flight);
  }
}

std::optional<unix_ms>
lease(ledger& book, unix_ms now, jobs::v1::Lane lane, const std::string& id,
      const std::string& node, const budget_rules& rules) {
  roll(book, now, rules);
  if (!book.confirmed() && book.leases_size() > 0)
    return now + confirming_ms;
  // A clock that went back must not reach into windows that are over.
  auto at = std::max(now, book.window_start_ms());
  auto until = blocked_until(
    {book.day_start_ms(), day_ms, {&book.day_read(), &book.day_overall()}}, at,
    lane, rules);
  if (!until)
    until = blocked_until({book.window_start_ms(),
                           rules.window.count(),
                           {&book.short_read(), &book.short_overall()}},
                          at, lane, rules);
  if (until) {
    book.set_refused_any(true);
    return until;
  }
  take_all(book);
  auto* one = book.add_leases();
  one->set_id(id);
  one->set_node(node);
  one->set_expires_at_ms(at + rules.lease_max.count());
  return std::nullopt;
}

void settle(ledger& book, unix_ms now, const std::string& id,
            const call_report& report, const budget_rules& rules) {
  const auto& usage = report.usage;
  roll(book, std::max(now, usage.date_ms), rules);
  auto* all = book.mutable_leases();
  auto held = std::find_if(all->begin(), all->end(),
                           [&](const auto& one) { return one.id() == id; });
  auto settled = held != all->end();
  if (settled)
    all->erase(held);
  auto in_flight = static_cast<std::uint32_t>(all->size());
  auto dated = usage.date_ms > 0;
  auto this_window = !dated || usage.date_ms >= book.window_start_ms();
  auto this_day = !dated || usage.date_ms >= book.day_start_ms();
  if (settled && (!report.sent || !this_window)) {
    release(*book.mutable_short_overall());
    release(*book.mutable_short_read());
  }
  if (settled && (!report.sent || !this_day)) {
    release(*book.mutable_day_overall());
    release(*book.mutable_day_read());
  }
  if (!report.sent)
    return;
  // Sent again on a new connection: Strava may have counted both.
  for (auto extra = std::uint32_t{1}; extra < report.sent_count; ++extra)
    take_all(book);
  auto apply = [&](gauge* which, auto limit, auto used, bool same) {
    // Without a Date nobody knows which window the usage speaks of.
    correct(*which, limit, dated ? used : std::nullopt, same, settled,
            in_flight);
  };
  apply(book.mutable_short_overall(), usage.overall_limit.short_window,
        usage.overall_used.short_window, this_window);
  apply(book.mutable_day_overall(), usage.overall_limit.day,
        usage.overall_used.day, this_day);
  apply(book.mutable_short_read(), usage.read_limit.short_window,
        usage.read_used.short_window, this_window);
  apply(book.mutable_day_read(), usage.read_limit.day, usage.read_used.day,
        this_day);
  if (usage.overall_limit.short_window || usage.read_limit.short_window)
    book.set_confirmed(true);
  constexpr auto too_many_requests = 429;
  if (report.status == too_many_requests && this_window) {
    exhaust(*book.mutable_short_read());
    if (usage.read_used.day && *usage.read_used.day >= book.day_read().limit())
      exhaust(*book.mutable_day_read());
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

upstream_clock::upstream_clock(milliseconds skew_max)
  : low_ms_{-skew_max.count()},
    high_ms_{skew_max.count()} {
}

void upstream_clock::observe(unix_ms sent_ms, unix_ms received_ms,
                             unix_ms date_ms) {
  constexpr auto resolution_ms = unix_ms{1'000};
  if (date_ms <= 0)
    return;
  auto low = date_ms - received_ms;
  auto high = date_ms + resolution_ms - sent_ms;
  auto drift = drift_until(received_ms);
  auto agrees = low <= high_ms_ + drift && high >= low_ms_ - drift;
  low_ms_ = agrees ? std::max(low_ms_ - drift, low) : low;
  high_ms_ = agrees ? std::min(high_ms_ + drift, high) : high;
  observed_ms_ = received_ms;
}

void upstream_clock::learn(unix_ms local_ms, unix_ms upstream_ms) {
  if (auto low = upstream_ms - local_ms; low <= high_ms_)
    low_ms_ = std::max(low_ms_, low);
}

unix_ms upstream_clock::upstream(unix_ms local_ms) const {
  return local_ms + low_ms_ - drift_until(local_ms);
}

milliseconds upstream_clock::doubt(unix_ms local_ms) const {
  return milliseconds{high_ms_ - low_ms_ + 2 * drift_until(local_ms)};
}

unix_ms upstream_clock::drift_until(unix_ms local_ms) const {
  // Twice what a clock is slewed by at most (adjtimex: 500 ppm).
  constexpr auto ms_per_drift_ms = unix_ms{1'000};
  return observed_ms_ == 0
           ? 0
           : std::max<unix_ms>(0, local_ms - observed_ms_) / ms_per_drift_ms;
}

} // namespace stravasync
