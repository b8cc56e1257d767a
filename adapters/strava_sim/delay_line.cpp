#include "adapters/strava_sim/delay_line.hpp"

#include <utility>

namespace stravasync::strava_sim {

delay_line::delay_line() : thread_{[this] { run(); }} {
}

delay_line::~delay_line() {
  finish();
}

void delay_line::add(std::chrono::milliseconds delay,
                     std::function<void()> work) {
  {
    auto guard = std::lock_guard{mutex_};
    if (!finished_) {
      waiting_.emplace(clock::now() + delay, std::move(work));
      wake_.notify_one();
      return;
    }
  }
  work();
}

void delay_line::finish() {
  {
    auto guard = std::lock_guard{mutex_};
    finished_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable())
    thread_.join();
}

void delay_line::run() {
  auto guard = std::unique_lock{mutex_};
  while (!finished_ || !waiting_.empty()) {
    if (waiting_.empty()) {
      wake_.wait(guard);
      continue;
    }
    auto first = waiting_.begin();
    if (!finished_ && first->first > clock::now()) {
      wake_.wait_until(guard, first->first);
      continue;
    }
    auto work = std::move(first->second);
    waiting_.erase(first);
    guard.unlock();
    work();
    guard.lock();
  }
}

} // namespace stravasync::strava_sim
