#include "adapters/embedded_bus/callbacks.hpp"

#include <utility>

namespace stravasync::embedded_bus {

gate::gate(delivery_callback callback) : callback_(std::move(callback)) {
}

void gate::pass(delivery what) {
  {
    auto lock = std::lock_guard{mutex_};
    if (closed_)
      return;
    running_ = std::this_thread::get_id();
  }
  callback_(std::move(what));
  delivery_callback last;
  {
    auto lock = std::lock_guard{mutex_};
    running_ = std::thread::id{};
    if (closed_)
      last.swap(callback_);
  }
  idle_.notify_all();
}

void gate::close() {
  delivery_callback last;
  auto lock = std::unique_lock{mutex_};
  closed_ = true;
  if (running_ == std::this_thread::get_id())
    return;
  idle_.wait(lock, [this] { return running_ == std::thread::id{}; });
  last.swap(callback_);
}

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
