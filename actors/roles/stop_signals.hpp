#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace stravasync {

/// The exit code of who was interrupted, as shells have it.
inline constexpr auto interrupted_exit = 130;

/// Why a node stops.
struct stop_cause {
  /// False: something failed; the process ends with exit code 1.
  bool wanted = true;
  std::string text;
};

/// Waits for SIGTERM and SIGINT on a thread of its own. Make it before any
/// other thread: it blocks both signals for all of them. The first signal is a
/// wish to stop; the second ends the process at once with exit code 130.
class stop_signals {
public:
  stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;
  ~stop_signals();

  /// Makes `wait` return. The first cause counts. Thread-safe.
  void request(stop_cause cause);

  /// Blocks until there is a cause; calls `meanwhile` every few seconds.
  [[nodiscard]] stop_cause wait(const std::function<void()>& meanwhile);

  /// Blocks for `most`, or until there is a cause. @returns whether there is.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds most);

  /// Until `started`, a first signal ends the process with exit code 0 unless
  /// this object ends within `most`: whatever hangs, nothing is in flight yet.
  void starting(std::chrono::milliseconds most);
  void started();

  /// Ends the process with exit code 1 unless this object ends within `most`:
  /// the last resort if stopping hangs.
  void allow(std::chrono::milliseconds most);

private:
  using clock = std::chrono::steady_clock;

  struct last_resort {
    clock::time_point at;
    int exit_code;
    const char* text;
  };

  void listen();
  void watch();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<stop_cause> cause_;
  bool over_ = false;
  std::optional<std::chrono::milliseconds> starting_;
  std::optional<last_resort> end_;
  std::thread watchdog_;
  std::thread listener_;
};

} // namespace stravasync
