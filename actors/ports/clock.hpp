#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace stravasync {

/// Milliseconds since the Unix epoch, UTC: how the contracts write time.
using unix_ms = std::int64_t;

/// The wall clock, injected so that tests can move it. Callable from any
/// thread.
using wall_clock = std::function<unix_ms()>;

/// @returns the machine's own clock.
[[nodiscard]] inline wall_clock system_wall_clock() {
  return [] {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<unix_ms>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  };
}

} // namespace stravasync
