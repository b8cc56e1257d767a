#include "adapters/callbacks/callback_thread.hpp"

#include <iterator>
#include <utility>

namespace stravasync::callbacks {

/// When the next tick is due, if there is any.
class callback_thread::ticker {
public:
  using clock = std::chrono::steady_clock;

  ticker() = default;

  ticker(std::chrono::milliseconds period, task tick)
    : period_{period},
      tick_{std::move(tick)},
      next_{clock::now() + period} {
  }

  /// Waits for news until the next tick.
  void wait(std::unique_lock<std::mutex>& lock, inbox& in) const {
    auto has_news = [&in] { return in.has_news(); };
    if (tick_)
      in.changed.wait_until(lock, next_, has_news);
    else
      in.changed.wait(lock, has_news);
  }

  void tick_if_due() {
    if (!tick_ || clock::now() < next_)
      return;
    tick_();
    next_ = clock::now() + period_;
  }

private:
  std::chrono::milliseconds period_{0};
  task tick_;
  clock::time_point next_;
};

callback_thread::~callback_thread() {
  stop();
}

void callback_thread::start() {
  thread_ = std::thread{[in = inbox_] { run(*in, {}); }};
}

void callback_thread::start(std::chrono::milliseconds period, task tick) {
  thread_ = std::thread{
    [in = inbox_, ticks = ticker{period, std::move(tick)}]() mutable {
      run(*in, std::move(ticks));
    }};
}

void callback_thread::post(task what) {
  std::vector<task> one;
  one.push_back(std::move(what));
  post(std::move(one));
}

void callback_thread::post(std::vector<task> tasks) {
  if (tasks.empty())
    return;
  {
    auto lock = std::lock_guard{inbox_->mutex};
    if (inbox_->stopping)
      return;
    std::move(tasks.begin(), tasks.end(), std::back_inserter(inbox_->tasks));
  }
  inbox_->changed.notify_one();
}

void callback_thread::stop() {
  {
    auto lock = std::lock_guard{inbox_->mutex};
    inbox_->stopping = true;
  }
  inbox_->changed.notify_one();
  if (!thread_.joinable())
    return;
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

void callback_thread::run(inbox& in, ticker ticks) {
  while (true) {
    std::deque<task> tasks;
    {
      auto lock = std::unique_lock{in.mutex};
      ticks.wait(lock, in);
      tasks.swap(in.tasks);
      if (tasks.empty() && in.stopping)
        return;
    }
    for (auto& task : tasks) {
      task();
      task = nullptr; // What it holds goes before the next one runs.
      ticks.tick_if_due();
    }
    ticks.tick_if_due();
  }
}

} // namespace stravasync::callbacks
