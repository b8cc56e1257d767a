#include "adapters/jetstream/worker.hpp"

#include <utility>

namespace stravasync::jetstream {

worker::worker(std::chrono::milliseconds period) : period_(period) {
}

worker::~worker() {
  stop();
}

void worker::start(task tick) {
  thread_ = std::thread{
    [in = inbox_, period = period_, tick = std::move(tick)]() mutable {
      run(*in, period, std::move(tick));
    }};
}

void worker::post(task what) {
  {
    auto lock = std::lock_guard{inbox_->mutex};
    if (inbox_->stopping)
      return;
    inbox_->tasks.push_back(std::move(what));
  }
  inbox_->changed.notify_one();
}

void worker::stop() {
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

void worker::run(inbox& in, std::chrono::milliseconds period, task tick) {
  auto next_tick = std::chrono::steady_clock::now() + period;
  while (true) {
    task next;
    {
      auto lock = std::unique_lock{in.mutex};
      in.changed.wait_until(lock, next_tick,
                            [&] { return in.stopping || !in.tasks.empty(); });
      if (!in.tasks.empty()) {
        next = std::move(in.tasks.front());
        in.tasks.pop_front();
      } else if (in.stopping) {
        return;
      }
    }
    if (next)
      next();
    next = nullptr; // What it holds goes before the next one runs.
    if (std::chrono::steady_clock::now() < next_tick)
      continue;
    tick();
    next_tick = std::chrono::steady_clock::now() + period;
  }
}

} // namespace stravasync::jetstream
