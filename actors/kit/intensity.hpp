#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace kit {

/// More than `restarts_max` restarts within `period` is more than a restart can
/// cure.
struct intensity_config {
  std::uint32_t restarts_max = 10;
  std::chrono::milliseconds period{60'000};
};

/// Counts restarts within a sliding window.
class restart_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit restart_window(intensity_config config) : config_{config} {
  }

  /// Adds a restart at `now`, not before the one added last.
  /// @returns whether it is one too many: more than `restarts_max` within the
  /// `period` that ends with it. One exactly a period ago is out.
  [[nodiscard]] bool exceeded_by(time_point now);

private:
  intensity_config config_;
  std::deque<time_point> restarts_;
};

} // namespace kit
