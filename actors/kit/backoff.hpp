#pragma once

#include <chrono>
#include <cstdint>

namespace kit {

/// How long to wait between tries.
struct backoff_config {
  /// Upper bound of the first delay; doubles with each further attempt.
  std::chrono::milliseconds min{200};
  /// Upper bound of every delay. Less than `min` counts as `min`.
  std::chrono::milliseconds max{30'000};
};

/// Exponential back-off with full jitter: a delay anywhere between nothing and
/// the attempt's bound, so that many who failed together do not return
/// together.
/// @param attempt How many tries have failed in a row, from 1; 0 counts as 1.
/// @param random01 Uniform in [0, 1]; 1 gives the bound. Clamped.
/// @returns a delay within [0, max(min, max)].
[[nodiscard]] std::chrono::milliseconds
backoff_after(std::uint32_t attempt, const backoff_config& config,
              double random01);

} // namespace kit
