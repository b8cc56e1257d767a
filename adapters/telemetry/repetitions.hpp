#pragma once

#include "adapters/telemetry/log_entry.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace stravasync::telemetry {

/// Holds back log entries whose level and text come again and again: of each,
/// the first few within a window are let through, the rest become one entry
/// with a count when the window is over. Not thread-safe.
class repetitions {
public:
  struct limits {
    std::chrono::milliseconds window;
    std::uint32_t burst_of_failures; // Warnings and errors.
    std::uint32_t burst_of_others;
  };

  explicit repetitions(limits bounds) : bounds_{bounds} {
  }

  /// @returns what to write now, in order: counts whose window is over, then
  /// `entry` unless it is held back.
  [[nodiscard]] std::vector<log_entry> add(log_entry entry);

  /// @returns counts whose window is over at `now_ms`.
  [[nodiscard]] std::vector<log_entry> due(unix_ms now_ms);

  /// @returns all counts; nothing is held back after it.
  [[nodiscard]] std::vector<log_entry> drain(unix_ms now_ms);

private:
  struct window {
    unix_ms began_ms = 0;
    std::uint32_t let_through = 0;
    std::uint64_t held_back = 0;
    log_entry last; // Of those held back.
  };

  [[nodiscard]] bool is_over(const window& of, unix_ms now_ms) const;

  limits bounds_;
  std::map<std::pair<log_level, std::string>, window> windows_;
};

} // namespace stravasync::telemetry
