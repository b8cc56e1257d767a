#include "adapters/embedded_bus/callbacks.hpp"

#include <utility>

namespace stravasync::embedded_bus {

callback_thread::callback_thread() : inbox_(std::make_shared<inbox>()) {
  thread_ = std::thread{[in = inbox_] { run(*in); }};
}

callback_thread::~callback_thread() {
  stop();
}

void callback_thread::post(std::vector<task> tasks) {
  if (tasks.empty())
    return;
  {
    auto lock = std::lock_guard{inbox_->mutex};
    if (inbox_->stopping)
      return;
    inbox_->tasks.push_back(std::move(tasks));
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

void callback_thread::run(inbox& in) {
  while (true) {
    std::vector<task> tasks;
    {
      auto lock = std::unique_lock{in.mutex};
      in.changed.wait(lock, [&] { return in.stopping || !in.tasks.empty(); });
      if (in.tasks.empty())
        return;
      tasks = std::move(in.tasks.front());
      in.tasks.pop_front();
    }
    for (auto& task : tasks) {
      task();
      task = nullptr; // What it holds goes before the next one runs.
    }
  }
}

} // namespace stravasync::embedded_bus
