#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace stravasync::jetstream {

/// A thread that runs what it is given in order, and a tick now and then.
class worker {
public:
  using task = std::function<void()>;

  explicit worker(std::chrono::milliseconds period);
  ~worker();

  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// @param tick Called about every `period`.
  void start(task tick);

  /// Any thread. After `stop` it is destroyed unrun.
  void post(task what);

  /// Runs what was posted and ends. From within a task it does not wait.
  void stop();

private:
  // Shared with the thread, which outlives `this` when a task ends it.
  struct inbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<task> tasks;
    bool stopping = false;
  };

  static void run(inbox& in, std::chrono::milliseconds period, task tick);

  std::chrono::milliseconds period_;
  std::shared_ptr<inbox> inbox_ = std::make_shared<inbox>();
  std::thread thread_;
};

} // namespace stravasync::jetstream
