#pragma once

#include "actors/consumer/ledger.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

/// @file
/// What the sources of the ledger share; not for its callers.

namespace stravasync::ledger_parts {

using gauge = ledger::Gauge;

/// More than Strava gives anybody.
inline constexpr auto limit_max = std::uint32_t{10'000'000};

[[nodiscard]] inline unix_ms floor_to(unix_ms at, unix_ms length) {
  return at - ((at % length) + length) % length;
}

[[nodiscard]] inline std::uint32_t
left(const gauge& which, std::uint32_t reserve) {
  auto kept = which.used() + reserve;
  return which.limit() > kept ? which.limit() - kept : 0;
}

/// The permits of a window that `lane` must leave alone when the fraction
/// `elapsed` of it is over.
[[nodiscard]] inline std::uint32_t
reserve_for(jobs::v1::Lane lane, std::uint32_t limit, double elapsed,
            const budget_rules& rules) {
  if (lane == jobs::v1::LANE_LIVE || elapsed >= rules.live_release)
    return 0;
  auto share = lane == jobs::v1::LANE_USER ? rules.live_share / 2
                                           : rules.live_share;
  return static_cast<std::uint32_t>(std::ceil(share * limit));
}

/// When a window that begins at `start` is open to all lanes.
[[nodiscard]] inline unix_ms
open_to_all(unix_ms start, unix_ms length, const budget_rules& rules) {
  return start
         + static_cast<unix_ms>(
           std::ceil(rules.live_release * static_cast<double>(length)));
}

/// Charges one request to every gauge.
inline void take_all(ledger& book) {
  for (auto* one : {book.mutable_short_overall(), book.mutable_short_read(),
                    book.mutable_day_overall(), book.mutable_day_read()})
    one->set_used(one->used() + 1);
}

/// Drops the leases that `over` names.
template <class Over>
void drop_leases(ledger& book, Over over) {
  auto* all = book.mutable_leases();
  all->erase(std::remove_if(all->begin(), all->end(), over), all->end());
}

/// Forgets the openings at times that `over` names.
template <class Over>
void drop_openings(ledger& book, Over over) {
  auto* all = book.mutable_openings();
  all->erase(std::remove_if(
               all->begin(), all->end(),
               [&](const ledger::Opening& one) { return over(one.at_ms()); }),
             all->end());
}

/// @returns how many leases may be counted in a window that began at `start`.
[[nodiscard]] inline std::uint32_t
chargeable(const ledger& book, unix_ms start) {
  return static_cast<std::uint32_t>(
    std::ranges::count_if(book.leases(), [&](const ledger::Lease& one) {
      return one.expires_at_ms() > start;
    }));
}

} // namespace stravasync::ledger_parts
