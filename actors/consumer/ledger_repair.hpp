#pragma once

#include "actors/consumer/ledger.hpp"

#include <string>

/// @file
/// What is done about a ledger that a wrong clock or a stranger wrote: the
/// bucket is input like any other.

namespace stravasync {

/// Times that a ledger may speak of: Strava began in 2009.
inline constexpr auto ledger_time_min = unix_ms{1'230'768'000'000};
inline constexpr auto ledger_time_max = unix_ms{4'102'444'800'000};

/// How far ahead of Strava's clock a ledger may be and is left alone, because
/// time will soon be there: the window, but at least that.
inline constexpr auto ledger_ahead_max = milliseconds{60'000};

/// What was found in the bucket.
struct found_ledger {
  ledger book;
  /// Why the one found could not be used and a new one is begun; empty if it
  /// could, or if there was none to use.
  std::string unusable;
};

/// Reads what the bucket holds. Something else than a ledger with times, limits
/// and counts that can be is answered with a new ledger; its leases stay, if
/// there are any, because they may be requests in flight. So does a ledger
/// without limits, which is how a new one is asked for.
[[nodiscard]] found_ledger
read_ledger(const std::string& value, const budget_rules& rules, unix_ms now);

/// @returns whether the ledger's window or day is one of the future: it can
/// not have begun by `latest`, nor will it soon.
[[nodiscard]] bool
is_ahead(const ledger& book, unix_ms latest, const budget_rules& rules);

/// Takes a ledger that is ahead back into the window of `now`, with what is
/// used, because the requests were real. Limits and usage are to be confirmed
/// again.
/// @returns whether it was ahead of `latest`.
bool take_back(ledger& book, unix_ms now, unix_ms latest,
               const budget_rules& rules);

} // namespace stravasync
