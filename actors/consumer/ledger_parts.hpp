#pragma once

#include "actors/consumer/ledger.hpp"

#include <algorithm>
#include <cstdint>

/// @file
/// What the sources of the ledger share; not for its callers.

namespace stravasync::ledger_parts {

using gauge = ledger::Gauge;

inline constexpr auto day_ms = unix_ms{86'400'000};

/// More than Strava gives anybody.
inline constexpr auto limit_max = std::uint32_t{10'000'000};

[[nodiscard]] inline unix_ms floor_to(unix_ms at, unix_ms length) {
  return at - ((at % length) + length) % length;
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

/// @returns how many leases may be counted in a window that began at `start`.
[[nodiscard]] inline std::uint32_t
chargeable(const ledger& book, unix_ms start) {
  return static_cast<std::uint32_t>(
    std::ranges::count_if(book.leases(), [&](const ledger::Lease& one) {
      return one.expires_at_ms() > start;
    }));
}

} // namespace stravasync::ledger_parts
