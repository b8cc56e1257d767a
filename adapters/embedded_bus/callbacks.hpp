#pragma once

#include "actors/ports/bus.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace stravasync::embedded_bus {

/// A subscription's delivery callback, and the way to end it for good.
class gate {
public:
  explicit gate(delivery_callback callback);

  /// Calls back unless closed. One thread only.
  void pass(delivery what);

  /// After it returns the callback is neither running nor called again, and is
  /// destroyed; but when called from within the callback, it returns at once
  /// and that call is the last. Any thread.
  void close();

private:
  std::mutex mutex_;
  std::condition_variable idle_;
  delivery_callback callback_;
  std::thread::id running_;
  bool closed_ = false;
};

/// The thread that makes all callbacks, in the order posted.
class callback_thread {
public:
  using task = std::function<void()>;

  callback_thread();
  ~callback_thread();

  callback_thread(const callback_thread&) = delete;
  callback_thread& operator=(const callback_thread&) = delete;

  /// Any thread. After `stop` the tasks are destroyed unrun.
  void post(std::vector<task> tasks);

  /// Runs what was posted and ends. From within a task it does not wait.
  void stop();

private:
  // Shared with the thread, which outlives `this` when a task drops the bus.
  struct inbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::vector<task>> tasks;
    bool stopping = false;
  };

  static void run(inbox& in);

  std::shared_ptr<inbox> inbox_;
  std::thread thread_;
};

} // namespace stravasync::embedded_bus
