#pragma once

#include <chrono>
#include <ctime>
#include <functional>

namespace stravasync {

/// A clock that only goes forward, whatever is done to the wall clock, and
/// shows the same on no two machines: for measuring, never for comparing
/// between nodes or lives of one. Callable from any thread.
using monotonic_clock = std::function<std::chrono::milliseconds()>;

/// @returns the machine's own; it goes on while the process is stopped and
/// while the machine sleeps.
[[nodiscard]] inline monotonic_clock system_monotonic_clock() {
  return [] {
    using namespace std::chrono;
    auto now = timespec{};
    if (clock_gettime(CLOCK_BOOTTIME, &now) == 0)
      return duration_cast<milliseconds>(seconds{now.tv_sec}
                                         + nanoseconds{now.tv_nsec});
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch());
  };
}

} // namespace stravasync
