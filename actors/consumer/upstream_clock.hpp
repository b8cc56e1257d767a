#pragma once

#include "actors/ports/clock.hpp"

#include <chrono>
#include <optional>

namespace stravasync {

using std::chrono::milliseconds;

/// Bounds the difference between Strava's clock and ours by the Date headers,
/// which have whole seconds: each response narrows it. Windows are entered by
/// the earliest time it may be at Strava, so no request is sent into a window
/// that has not begun there.
///
/// A Date that is off what is known is not believed: only when some in a row
/// say the same is it our clock that is wrong. Ours should be one that nobody
/// sets once responses tell: then what passes is measured, not read.
class upstream_clock {
public:
  /// What came of a Date.
  enum class verdict {
    none,      // There was none.
    agrees,    // It may have narrowed the bounds.
    outlier,   // It is off what is known, and alone with that.
    corrected, // So were others that it agrees with: the bounds are theirs.
  };

  /// @param skew_max How far the clocks may be apart before the first response.
  explicit upstream_clock(milliseconds skew_max = milliseconds{0});

  /// @param sent_ms,received_ms Of our clock, around the request.
  /// @param date_ms The response's Date; 0 is ignored.
  verdict observe(unix_ms sent_ms, unix_ms received_ms, unix_ms date_ms);

  /// Another node knows that it was at least `upstream_ms` at Strava when ours
  /// was `local_ms`. Ignored if that is more than may be.
  void learn(unix_ms local_ms, unix_ms upstream_ms);

  /// @returns whether responses told the time: until then it is a guess.
  [[nodiscard]] bool told() const {
    return observed_ms_.has_value();
  }

  /// @returns the earliest time it may be at Strava when ours is `local_ms`.
  /// Where the only response so far says that it is earlier there, its word
  /// counts.
  [[nodiscard]] unix_ms upstream(unix_ms local_ms) const;

  /// @returns how much later than `upstream` it may be at Strava.
  [[nodiscard]] milliseconds doubt(unix_ms local_ms) const;

private:
  /// Strava's clock less ours.
  struct bounds {
    unix_ms low_ms;
    unix_ms high_ms;
  };
  /// What responses say that do not fit the bounds.
  struct dissent {
    bounds what;
    unix_ms at_ms;
    int answers;
  };

  [[nodiscard]] bool join(const bounds& told, unix_ms at_ms);
  [[nodiscard]] unix_ms low_at(unix_ms local_ms) const;
  [[nodiscard]] unix_ms drift_until(unix_ms local_ms) const;

  bounds known_;
  std::optional<unix_ms> observed_ms_; // Our time of the last that agreed.
  std::optional<dissent> dissent_;
};

} // namespace stravasync
