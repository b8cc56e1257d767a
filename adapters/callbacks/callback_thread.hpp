#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace stravasync::callbacks {

/// A thread that runs what it is given in order, and a tick now and then if it
/// has one.
class callback_thread {
public:
  using task = std::function<void()>;

  callback_thread() = default;
  ~callback_thread();

  callback_thread(const callback_thread&) = delete;
  callback_thread& operator=(const callback_thread&) = delete;

  /// Runs what was posted and will be. Once only.
  void start();

  /// The same. @param tick Called about every `period`.
  void start(std::chrono::milliseconds period, task tick);

  /// Any thread. After `stop` it is destroyed unrun.
  void post(task what);

  /// The same for several, which nothing comes between.
  void post(std::vector<task> tasks);

  /// Runs what was posted and ends. From within a task it does not wait.
  void stop();

private:
  // Shared with the thread, which outlives `this` when a task ends it.
  struct inbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<task> tasks;
    bool stopping = false;

    [[nodiscard]] bool has_news() const {
      return stopping || !tasks.empty();
    }
  };

  class ticker;

  static void run(inbox& in, ticker ticks);

  std::shared_ptr<inbox> inbox_ = std::make_shared<inbox>();
  std::thread thread_;
};

} // namespace stravasync::callbacks
