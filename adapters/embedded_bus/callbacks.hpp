#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace stravasync::embedded_bus {

/// A callback, and the way to end it for good.
template <class T>
class gate {
public:
  explicit gate(std::function<void(T)> callback)
    : callback_(std::move(callback)) {
  }

  /// Calls back unless closed. One thread only.
  void pass(T what) {
    {
      auto lock = std::lock_guard{mutex_};
      if (closed_)
        return;
      running_ = std::this_thread::get_id();
    }
    callback_(std::move(what));
    std::function<void(T)> last;
    {
      auto lock = std::lock_guard{mutex_};
      running_ = std::thread::id{};
      if (closed_)
        last.swap(callback_);
    }
    idle_.notify_all();
  }

  /// After it returns the callback is neither running nor called again, and is
  /// destroyed; but when called from within the callback, it returns at once
  /// and that call is the last. Any thread.
  void close() {
    std::function<void(T)> last;
    auto lock = std::unique_lock{mutex_};
    closed_ = true;
    if (running_ == std::this_thread::get_id())
      return;
    idle_.wait(lock, [this] { return running_ == std::thread::id{}; });
    last.swap(callback_);
  }

private:
  std::mutex mutex_;
  std::condition_variable idle_;
  std::function<void(T)> callback_;
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
