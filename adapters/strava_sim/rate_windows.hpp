#pragma once

#include "actors/ports/clock.hpp"
#include "adapters/strava_sim/simulator.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace stravasync::strava_sim {

/// What one short window has seen.
struct window_usage {
  unix_ms start_ms = 0;
  std::uint32_t all = 0;
  std::uint32_t read = 0;
};

enum class rate_verdict : std::uint8_t { within, all_exceeded, read_exceeded };

/// Counts requests the way Strava does: at arrival, in windows aligned to the
/// clock, the day beginning at midnight UTC. A refused request counts too.
class rate_windows {
public:
  rate_windows(rate_limits limits, std::chrono::milliseconds window);

  rate_verdict count(unix_ms now, bool read);

  /// The four headers, in the spelling of the wire, after the last `count`.
  /// Creating an activity shows the observed lone comma for the read usage.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>>
  headers(bool read) const;

  /// The last windows in which something was counted, oldest first, at most
  /// 100; the day that was counted last.
  [[nodiscard]] const std::deque<window_usage>& history() const;
  [[nodiscard]] const window_usage& day() const;
  [[nodiscard]] const rate_limits& limits() const;

  /// Puts back what an earlier process saw; in the order of time.
  void restore_window(window_usage usage);
  void restore_day(window_usage usage);

private:
  rate_limits limits_;
  unix_ms window_ms_;
  std::deque<window_usage> windows_;
  window_usage day_;
};

} // namespace stravasync::strava_sim
