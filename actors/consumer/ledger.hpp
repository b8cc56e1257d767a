#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/strava_api.hpp"
#include "messages/jobs.pb.h"
#include "messages/state.pb.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// @file
/// The arithmetic of Strava's limits, without an actor: what BUDGET keeps by
/// compare-and-swap. All times are of Strava's clock. Every `now` is the
/// earliest that it can be there as far as the caller knows: then none of the
/// nodes, however their clocks differ, begins a window before Strava does.

namespace stravasync {

using std::chrono::milliseconds;

struct budget_rules {
  /// Length of the short window, aligned to its multiples since the epoch
  /// (Strava: 15 minutes, at :00 :15 :30 :45). The day is UTC's.
  milliseconds window{900'000};

  /// Assumed until a response tells.
  std::uint32_t short_overall = 200;
  std::uint32_t day_overall = 2'000;
  std::uint32_t short_read = 100;
  std::uint32_t day_read = 1'000;

  /// Share of each limit that only live work may use, and half of it work a
  /// person asked for, until the fraction `live_release` of the window is over:
  /// then it is open to all, so that no permit is left unused.
  double live_share = 0.1;
  double live_release = 0.66;

  /// After that long a request that was never settled cannot be counted any
  /// more: longer than connecting and answering may take.
  milliseconds lease_max{60'000};
  /// A holder that has not renewed its leases for that long is dead.
  milliseconds lease_keep{5'000};
};

using ledger = state::v1::BudgetLedger;

/// @returns a ledger with nothing used and the limits of `rules`.
[[nodiscard]] ledger new_ledger(const budget_rules& rules, unix_ms now);

/// Begins a new window or day if `now` is in one. Requests still in flight are
/// charged to it as well: nobody knows yet on which side of the boundary
/// Strava counts them. Time that goes backwards changes nothing.
void roll(ledger& book, unix_ms now, const budget_rules& rules);

/// Takes one permit for one read request, charged at once.
/// @param id Names the lease to `settle`; `node` whom it was given to.
/// @returns nothing if granted, else when asking again can succeed, or when it
/// should be tried because the ledger's window is one of the future. Until a
/// response has confirmed the limits, only one request may be in flight.
[[nodiscard]] std::optional<unix_ms>
lease(ledger& book, unix_ms now, jobs::v1::Lane lane, const std::string& id,
      const std::string& node, const budget_rules& rules);

/// Puts a job that was refused until `first` into the line before the openings
/// of its lane: the first that is not taken by as many as it has permits for,
/// within a day. So a job comes when it can be served, not each time that a few
/// others can be.
/// @param came_before It came to its opening in vain: it goes before those that
/// come for the first time, up to as many again.
/// @returns when it is to ask again.
unix_ms take_place(ledger& book, unix_ms now, jobs::v1::Lane lane,
                   unix_ms first, bool came_before, const budget_rules& rules);

/// Keeps a lease of a request that is still out from being taken for a dead
/// process's, `lease_max` after it was taken at most.
void renew(ledger& book, unix_ms now, const std::string& id,
           const budget_rules& rules);

/// @returns how many requests may be in flight.
[[nodiscard]] std::uint32_t in_flight(const ledger& book, unix_ms now);

/// Ends a lease by what came of its request: gives the permit back if it was
/// not sent or counted in an earlier window, and corrects limits and usage by
/// the headers. A lease that is unknown still corrects. Without a Date that can
/// be believed (`date_ms` 0) a usage only takes away from what is left.
///
/// What Strava has counted is, at most, what it reported, what was answered
/// without a report, and what is in flight. A lease that ran out is one of
/// those until a request that was sent later reports.
void settle(ledger& book, unix_ms now, const std::string& id,
            const call_report& report, const budget_rules& rules);

/// Ends the leases of processes that are gone, all but those of `node`: their
/// requests may still be counted for `grace`.
void abandon_others(ledger& book, unix_ms now, const std::string& node,
                    milliseconds grace, const budget_rules& rules);

} // namespace stravasync
