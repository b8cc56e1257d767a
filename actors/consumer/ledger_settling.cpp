#include "actors/consumer/ledger.hpp"
#include "actors/consumer/ledger_parts.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace stravasync {

namespace {

using namespace ledger_parts;

void release(gauge& which) {
  if (which.used() > 0)
    which.set_used(which.used() - 1);
}

/// What a response says of one gauge.
struct reading {
  std::optional<std::uint32_t> limit;
  std::optional<std::uint32_t> used;
  bool same_window = false; // The gauge's.
  bool dated = false;       // Whose window its usage speaks of is known.
  bool settled = false;     // It ends a lease.
  std::uint32_t open = 0;   // Leases that may still be counted.
};

/// Brings a gauge in line with it.
void correct(gauge& which, const reading& told) {
  if (told.limit && *told.limit > 0 && *told.limit <= limit_max)
    which.set_limit(*told.limit);
  if (!told.same_window)
    return;
  if (told.settled && (!told.used || !told.dated))
    which.set_blind(which.blind() + 1);
  if (!told.used)
    return;
  auto counted = std::min(*told.used, limit_max);
  if (!told.dated)
    return which.set_used(std::max(which.used(), counted));
  which.set_reported(std::max(which.reported(), counted));
  // Permits of requests that never arrived come back.
  which.set_used(which.reported() + which.blind() + told.open);
}

void exhaust(gauge& which) {
  which.set_used(std::max(which.used(), which.limit()));
  which.set_reported(which.used());
}

/// @returns the lease, which is on record no more; none if it was not.
std::optional<ledger::Lease> take_lease(ledger& book, const std::string& id) {
  auto* all = book.mutable_leases();
  auto found = std::ranges::find(*all, id,
                                 [](const auto& x) { return x.id(); });
  if (found == all->end())
    return std::nullopt;
  auto result = std::move(*found);
  all->erase(found);
  return result;
}

/// @returns whether whatever Strava counted before is in this response.
bool tells_all(const rate_usage& usage) {
  auto whole = [](const rate_usage::pair& x) {
    return x.short_window && x.day;
  };
  return usage.date_ms > 0 && whole(usage.overall_used)
         && whole(usage.read_used);
}

/// Brings all gauges in line with the response to `held`'s request.
void apply(ledger& book, const rate_usage& usage,
           const std::optional<ledger::Lease>& held, bool this_window,
           bool this_day) {
  auto to = [&](gauge* which, auto limit, auto used, bool same, unix_ms start) {
    // Without a Date it is known only of a request of this very window.
    auto dated = usage.date_ms > 0 || (held && held->taken_at_ms() >= start);
    correct(*which, {limit, used, same, dated, held.has_value(),
                     chargeable(book, start)});
  };
  const auto& overall_limit = usage.overall_limit;
  const auto& overall_used = usage.overall_used;
  const auto& read_limit = usage.read_limit;
  const auto& read_used = usage.read_used;
  auto window = book.window_start_ms();
  auto day = book.day_start_ms();
  to(book.mutable_short_overall(), overall_limit.short_window,
     overall_used.short_window, this_window, window);
  to(book.mutable_day_overall(), overall_limit.day, overall_used.day, this_day,
     day);
  to(book.mutable_short_read(), read_limit.short_window, read_used.short_window,
     this_window, window);
  to(book.mutable_day_read(), read_limit.day, read_used.day, this_day, day);
  if (overall_limit.short_window || read_limit.short_window)
    book.set_confirmed(true);
}

} // namespace

void settle(ledger& book, unix_ms now, const std::string& id,
            const call_report& report, const budget_rules& rules) {
  const auto& usage = report.usage;
  roll(book, std::max(now, usage.date_ms), rules);
  const auto held = take_lease(book, id);
  auto of_window = [&](unix_ms start) {
    return usage.date_ms == 0 || usage.date_ms >= start
           || (held && held->taken_at_ms() >= start);
  };
  auto this_window = of_window(book.window_start_ms());
  auto this_day = of_window(book.day_start_ms());
  auto charged_since = [&](unix_ms start) {
    return held && held->expires_at_ms() > start;
  };
  if (charged_since(book.window_start_ms()) && (!report.sent || !this_window)) {
    release(*book.mutable_short_overall());
    release(*book.mutable_short_read());
  }
  if (charged_since(book.day_start_ms()) && (!report.sent || !this_day)) {
    release(*book.mutable_day_overall());
    release(*book.mutable_day_read());
  }
  if (!report.sent)
    return;
  // Sent again on a new connection: Strava may have counted both.
  for (auto extra = std::uint32_t{1}; extra < report.sent_count; ++extra)
    take_all(book);
  if (held && tells_all(usage))
    drop_leases(book, [&](const ledger::Lease& one) {
      return one.expires_at_ms() <= held->taken_at_ms();
    });
  apply(book, usage, held, this_window, this_day);
  constexpr auto too_many_requests = 429;
  if (report.status == too_many_requests && this_window) {
    exhaust(*book.mutable_short_read());
    if (usage.read_used.day && *usage.read_used.day >= book.day_read().limit())
      exhaust(*book.mutable_day_read());
  }
}

} // namespace stravasync
