#include "actors/roles/stop_signals.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

namespace stravasync {

namespace {

sigset_t stopping() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

} // namespace

stop_signals::stop_signals() {
  auto set = stopping();
  // Only the destructor's own wake-up call beside the two.
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A client that went away shows as an error of the write.
  std::signal(SIGPIPE, SIG_IGN);
  listener_ = std::thread{[this] { listen(); }};
  watchdog_ = std::thread{[this] { watch(); }};
}

stop_signals::~stop_signals() {
  {
    auto lock = std::lock_guard{mutex_};
    over_ = true;
  }
  changed_.notify_all();
  pthread_kill(listener_.native_handle(), SIGUSR1);
  listener_.join();
  watchdog_.join();
}

void stop_signals::listen() {
  auto set = stopping();
  sigaddset(&set, SIGUSR1);
  auto asked = false;
  while (true) {
    auto signal = 0;
    sigwait(&set, &signal);
    if (signal == SIGUSR1) {
      auto lock = std::lock_guard{mutex_};
      if (over_)
        return;
      continue;
    }
    if (std::exchange(asked, true))
      _exit(interrupted_exit);
    request({true, signal == SIGINT ? "interrupted (again: stop at once)"
                                    : "told to terminate"});
  }
}

void stop_signals::request(stop_cause cause) {
  {
    auto lock = std::lock_guard{mutex_};
    if (!cause_)
      cause_ = std::move(cause);
    if (starting_)
      end_ = last_resort{clock::now() + *starting_, 0,
                         "stravasync: told to stop while starting; ending "
                         "although something hangs\n"};
    starting_.reset();
  }
  changed_.notify_all();
}

stop_cause stop_signals::wait(const std::function<void()>& meanwhile) {
  constexpr auto pause = std::chrono::seconds{5};
  auto lock = std::unique_lock{mutex_};
  while (
    !changed_.wait_for(lock, pause, [this] { return cause_.has_value(); })) {
    lock.unlock();
    meanwhile();
    lock.lock();
  }
  return *cause_;
}

bool stop_signals::wait_for(std::chrono::milliseconds most) {
  auto lock = std::unique_lock{mutex_};
  return changed_.wait_for(lock, most, [this] { return cause_.has_value(); });
}

void stop_signals::starting(std::chrono::milliseconds most) {
  {
    auto lock = std::lock_guard{mutex_};
    starting_ = most;
  }
  if (wait_for(std::chrono::milliseconds{0}))
    request({}); // Told so before.
}

void stop_signals::started() {
  auto lock = std::lock_guard{mutex_};
  starting_.reset();
  end_.reset();
}

void stop_signals::allow(std::chrono::milliseconds most) {
  {
    auto lock = std::lock_guard{mutex_};
    end_ = last_resort{clock::now() + most, 1,
                       "stravasync: did not stop in time; ending anyway, what "
                       "was in flight is taken up again at the next start\n"};
  }
  changed_.notify_all();
}

void stop_signals::watch() {
  auto lock = std::unique_lock{mutex_};
  while (!over_) {
    if (!end_) {
      changed_.wait(lock);
    } else if (auto at = end_->at; clock::now() < at) {
      changed_.wait_until(lock, at);
    } else {
      std::fputs(end_->text, stderr);
      _exit(end_->exit_code);
    }
  }
}

} // namespace stravasync
