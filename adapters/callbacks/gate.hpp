#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace stravasync::callbacks {

/// A callback, and the way to end it for good.
template <class T>
class gate {
public:
  using function = std::function<void(T)>;

  explicit gate(function callback) : callback_(std::move(callback)) {
  }

  /// Calls back unless closed; one call at a time. Not from the callback.
  void pass(T what) {
    {
      auto lock = std::unique_lock{mutex_};
      idle_.wait(lock, [this] { return running_ == std::thread::id{}; });
      if (closed_)
        return;
      running_ = std::this_thread::get_id();
    }
    callback_(std::move(what));
    function last;
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
    function last;
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
  function callback_;
  std::thread::id running_;
  bool closed_ = false;
};

} // namespace stravasync::callbacks
