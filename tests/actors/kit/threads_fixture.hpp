#pragma once

#include "actors/kit/continuation.hpp"
#include "actors/kit/guardian.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/kit/supervisor.hpp"
#include "tests/actors/kit/fixture.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

/// @file
/// Actors and callbacks on real threads.

namespace test {

using namespace std::chrono_literals;

/// Waits until `done` is true. @returns whether it was in time.
template <class Predicate>
bool eventually(Predicate done, std::chrono::milliseconds deadline = 20s) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// A port with a thread of its own that calls back, and loses every tenth
/// callback.
class thread_port {
public:
  thread_port() : thread_{[this] { run(); }} {
  }

  thread_port(const thread_port&) = delete;
  thread_port& operator=(const thread_port&) = delete;

  ~thread_port() {
    call({});
    thread_.join();
  }

  void call(std::function<void(int)> done) {
    {
      const auto guard = std::lock_guard{mutex_};
      waiting_.push_back(std::move(done));
    }
    changed_.notify_one();
  }

private:
  void run() {
    for (auto i = 1;; ++i) {
      auto lock = std::unique_lock{mutex_};
      changed_.wait(lock, [this] { return !waiting_.empty(); });
      const auto done = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      if (!done)
        return;
      if (i % 10 != 0)
        done(i);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void(int)>> waiting_;
  std::thread thread_;
};

using victim_actor
  = kit::protocol<int(get_number), int(crash), int(keep_waiting)>;

class victim_state {
public:
  static inline constexpr const char* name = "victim";

  explicit victim_state(victim_actor::stateful_pointer<victim_state> self)
    : self_{self} {
  }

  victim_actor::behavior_type
  make_behavior(thread_port* port, kit::actor_statistics numbers) {
    return kit::handlers(
      self_, numbers, kit::on_throw::crash,
      [](const get_number& x) { return x.value; },
      [](const crash&) -> int { throw std::runtime_error{"as told"}; },
      [=, this](const keep_waiting&) {
        auto promise = kit::make_promise<int>(self_);
        port->call(kit::in_actor(self_, [=, this](int x) {
          sum_ += x;
          promise.deliver(sum_);
        }));
        return promise;
      });
  }

private:
  victim_actor::stateful_pointer<victim_state> self_;
  int sum_ = 0;
};

inline victim_actor::behavior_type
victim(victim_actor::stateful_pointer<victim_state> self, thread_port* port,
       kit::actor_statistics numbers) {
  return self->state.make_behavior(port, std::move(numbers));
}

/// What all callers together have seen.
struct tally {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> asked{0};
  std::atomic<std::int64_t> values{0};
  std::atomic<std::int64_t> crashes{0};
  std::atomic<std::int64_t> errors{0};

  [[nodiscard]] bool all_answered() const {
    return asked == values + errors;
  }
};

/// Keeps a few requests of each kind under way until told to stop.
class caller_state {
public:
  static inline constexpr const char* name = "caller";

  explicit caller_state(caf::stateful_actor<caller_state>* self) : self_{self} {
  }

  void begin(victim_actor target, tally* sums) {
    target_ = std::move(target);
    sums_ = sums;
    for (auto i = 0; i < 8; ++i)
      ask();
  }

private:
  void ask() {
    ++sums_->asked;
    switch (++turn_ % 16) {
      case 0:
        send(crash{});
        break;
      case 1:
      case 2:
      case 3:
        send(keep_waiting{});
        break;
      default:
        send(get_number{turn_});
    }
  }

  template <class Request>
  void send(const Request& request) {
    self_->request(target_, caf::infinite, request)
      .then(
        [this](int) {
          ++sums_->values;
          go_on();
        },
        [this](const caf::error& why) {
          if (why == caf::make_error(kit::fault::crashed))
            ++sums_->crashes;
          ++sums_->errors;
          go_on();
        });
  }

  void go_on() {
    if (!sums_->stop)
      ask();
  }

  caf::stateful_actor<caller_state>* self_;
  victim_actor target_;
  tally* sums_ = nullptr;
  int turn_ = 0;
};

inline void caller(caf::stateful_actor<caller_state>* self, victim_actor target,
                   tally* sums) {
  self->state.begin(std::move(target), sums);
}

struct threads_fixture {
  threads_fixture() {
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads", std::size_t{2});
  }

  caf::actor_system_config config;
};

inline kit::child_spec
victim_child(const std::string& called, thread_port* port,
             const kit::actor_statistics& numbers, bool detached) {
  return kit::child(called, [=](caf::actor_system& system) {
    return detached ? system.spawn<caf::detached>(victim, port, numbers)
                    : system.spawn(victim, port, numbers);
  });
}

inline const auto no_backoff = kit::backoff_config{.min = 0ms, .max = 0ms};
inline const auto any_storm = kit::intensity_config{.restarts_max = 1'000'000,
                                                    .period = 1h};

} // namespace test
