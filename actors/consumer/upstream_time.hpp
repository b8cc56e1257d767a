#pragma once

#include "actors/consumer/upstream_clock.hpp"
#include "actors/context.hpp"
#include "actors/ports/monotonic_clock.hpp"

namespace stravasync {

/// The time at Strava as this node knows it. Until Strava has told it, it is
/// that of the wall clock, which may be set meanwhile; from then on it is what
/// the answers agree on, carried on by the steady clock. What is off is told in
/// the log. Part of one actor.
class upstream_time {
public:
  upstream_time() = default;

  /// @param skew_max See `upstream_clock`.
  upstream_time(actor_context context, monotonic_clock steady,
                milliseconds skew_max);

  /// @returns the earliest that it may be, within what a ledger may speak of.
  [[nodiscard]] unix_ms now();

  /// @returns the latest.
  [[nodiscard]] unix_ms latest();

  [[nodiscard]] milliseconds doubt();

  /// @returns whether Strava told it.
  [[nodiscard]] bool told() const {
    return clock_.told();
  }

  /// @returns the time on the steady clock.
  [[nodiscard]] milliseconds steady() const {
    return steady_();
  }

  /// Takes the Date of a response.
  /// @param sent,received Around the request, on the steady clock.
  /// @returns it, or 0 if it is not to be believed.
  [[nodiscard]] unix_ms
  believed(milliseconds sent, milliseconds received, unix_ms date_ms);

  /// It was so late already when another node wrote so.
  void learn(unix_ms upstream_ms);

private:
  [[nodiscard]] unix_ms local(milliseconds steady);

  actor_context context_;
  monotonic_clock steady_;
  upstream_clock clock_;
  unix_ms offset_ms_ = 0; // Of the clock that `clock_` is told, to the steady.
  bool doubted_ = false;  // That a Date is off was told.
};

} // namespace stravasync
