#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace stravasync::strava_sim {

/// Does things later, on a thread of its own. Thread-safe.
class delay_line {
public:
  delay_line();

  /// As `finish`.
  ~delay_line();

  delay_line(const delay_line&) = delete;
  delay_line& operator=(const delay_line&) = delete;

  /// Runs `work` after `delay`, or when the line finishes; at once if it has.
  void add(std::chrono::milliseconds delay, std::function<void()> work);

  /// Runs all that waits, now, and ends the thread.
  void finish();

private:
  using clock = std::chrono::steady_clock;

  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<clock::time_point, std::function<void()>> waiting_;
  bool finished_ = false;
  std::thread thread_; // Last: it uses all of the above.
};

} // namespace stravasync::strava_sim
