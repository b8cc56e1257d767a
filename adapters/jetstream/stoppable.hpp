#pragma once

#include <chrono>
#include <functional>
#include <future>

namespace stravasync::jetstream {

/// Waits for `what` for up to `most`, or until `stopping` (may be empty)
/// returns true. @returns whether it came.
template <class T>
[[nodiscard]] bool comes(std::future<T>& what, std::chrono::milliseconds most,
                         const std::function<bool()>& stopping) {
  constexpr auto look_period = std::chrono::milliseconds{100};
  auto until = std::chrono::steady_clock::now() + most;
  while (what.wait_for(look_period) != std::future_status::ready)
    if (std::chrono::steady_clock::now() >= until || (stopping && stopping()))
      return false;
  return true;
}

} // namespace stravasync::jetstream
