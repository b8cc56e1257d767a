// The kit on CAF's real scheduler, with detached children and foreign threads:
// what the deterministic tests cannot show. Bounded by deadlines.

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

using namespace std::chrono_literals;
using test::crash;
using test::get_number;
using test::keep_waiting;

namespace {

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

victim_actor::behavior_type
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

void caller(caf::stateful_actor<caller_state>* self, victim_actor target,
            tally* sums) {
  self->state.begin(std::move(target), sums);
}

struct fixture {
  fixture() {
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads", std::size_t{2});
  }

  caf::actor_system_config config;
};

kit::child_spec
victim_child(const std::string& called, thread_port* port,
             const kit::actor_statistics& numbers, bool detached) {
  return kit::child(called, [=](caf::actor_system& system) {
    return detached ? system.spawn<caf::detached>(victim, port, numbers)
                    : system.spawn(victim, port, numbers);
  });
}

const auto no_backoff = kit::backoff_config{.min = 0ms, .max = 0ms};
const auto any_storm = kit::intensity_config{.restarts_max = 1'000'000,
                                             .period = 1h};

} // namespace

TEST_CASE_METHOD(fixture,
                 "shutdown with 10,000 queued requests ends in time "
                 "and answers each of them",
                 "[threads]") {
  std::atomic<int> handled{0};
  std::atomic<int> answered{0};
  caf::actor_system system{config};
  auto self = caf::scoped_actor{system, true};
  auto child = caf::actor{};
  auto root = kit::spawn_supervisor(
    system, {}, {kit::child("slow", [&](caf::actor_system& where) {
      child = where.spawn([&](caf::event_based_actor*) {
        return caf::behavior{[&](const get_number& x) {
          ++handled;
          std::this_thread::sleep_for(1ms);
          return x.value;
        }};
      });
      return child;
    })});
  self->monitor(root);
  REQUIRE(eventually([&] {
    auto up = false;
    self->request(root, caf::infinite, kit::get_children{})
      .receive(
        [&](const kit::child_list& list) {
          up = list.children.front().state == kit::run_state::up;
        },
        [](const caf::error&) {});
    return up;
  }));
  system.spawn([&](caf::event_based_actor* asker) {
    for (auto i = 0; i < 10'000; ++i)
      asker->request(child, caf::infinite, get_number{i})
        .then([&](int) { ++answered; }, [&](const caf::error&) { ++answered; });
  });
  REQUIRE(eventually([&] { return handled > 0; }));
  const auto begin = std::chrono::steady_clock::now();
  self->send_exit(root, caf::exit_reason::user_shutdown);
  auto stopped = false;
  self->receive([&](const caf::down_msg&) { stopped = true; });
  CHECK(stopped);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(eventually([&] { return answered == 10'000; }));
  CHECK(handled < 5'000);
  child = nullptr;
}

TEST_CASE_METHOD(fixture,
                 "thousands of crashes of attached and detached "
                 "children lose no answer",
                 "[threads]") {
  thread_port port;
  tally sums;
  kit::actor_statistics numbers;
  kit::actor_tree tree;
  {
    caf::actor_system system{config};
    auto self = caf::scoped_actor{system, true};
    auto specs = std::vector<kit::child_spec>{};
    auto targets = std::vector<victim_actor>{};
    for (auto i = 0; i < 4; ++i) {
      const auto called = "victim" + std::to_string(i);
      auto spec = victim_child(called, &port, numbers, i % 2 == 0);
      spec.address = kit::spawn_address(system, called);
      targets.push_back(kit::guardian_as<victim_actor>(spec.address));
      specs.push_back(std::move(spec));
    }
    for (auto i = 0; i < 2; ++i) {
      const auto called = "guarded" + std::to_string(i);
      auto guardian = kit::spawn_guardian(
        system,
        {.path = "/" + called + "/victim",
         .backoff = no_backoff,
         .probe = [] { return caf::make_message(get_number{0}); },
         .observer = [tree](const kit::actor_event& x) { tree.note(x); }},
        victim_child(called, &port, numbers, i % 2 == 0).start);
      targets.push_back(kit::guardian_as<victim_actor>(guardian));
      specs.push_back(kit::adopt(called, guardian));
    }
    auto root = kit::spawn_supervisor(
      system,
      {.intensity = any_storm,
       .backoff = no_backoff,
       .observer = [tree](const kit::actor_event& x) { tree.note(x); }},
      std::move(specs));
    self->monitor(root);
    for (const auto& target : targets)
      system.spawn(caller, target, &sums);
    // A slow machine may do fewer in that time, but not none.
    (void)eventually([&] { return sums.crashes >= 2'000; }, 5s);
    CHECK(sums.crashes > 20);
    sums.stop = true;
    CHECK(eventually([&] { return sums.all_answered(); }));
    self->send_exit(root, caf::exit_reason::user_shutdown);
    auto reason = caf::error{};
    self->receive([&](const caf::down_msg& down) { reason = down.reason; });
    CHECK(reason == caf::make_error(caf::exit_reason::user_shutdown));
  }
  CHECK(sums.values > 0);
  auto restarts = std::uint64_t{0};
  for (const auto& node : tree.snapshot()) {
    INFO(node.path);
    CHECK(node.state == kit::run_state::stopped);
    restarts += node.restarts;
  }
  // Each crash was followed by a restart, but for those just before the end.
  CHECK(restarts + 6 >= static_cast<std::uint64_t>(sums.crashes));
  const auto classes = numbers.snapshot();
  REQUIRE(classes.size() == 1);
  CHECK(classes.front().alive == 0);
}

TEST_CASE_METHOD(fixture,
                 "a detached child that blocks is reported and left "
                 "behind",
                 "[threads]") {
  std::atomic<bool> blocked{false};
  std::atomic<bool> release{false};
  caf::actor_system system{config};
  auto self = caf::scoped_actor{system, true};
  auto stuck = kit::child("stuck", [&](caf::actor_system& where) {
    return where.spawn<caf::detached>([&](caf::event_based_actor*) {
      return caf::behavior{[&](const get_number&) {
        blocked = true;
        while (!release)
          std::this_thread::sleep_for(1ms);
        return 0;
      }};
    });
  });
  stuck.stop_deadline = 20ms;
  stuck.address = kit::spawn_address(system, "stuck");
  auto uut = kit::spawn_supervisor(system, {.path = "/top"}, {stuck});
  self->monitor(uut);
  REQUIRE(eventually([&] {
    self->send(stuck.address, get_number{1});
    return blocked.load();
  }));
  self->send_exit(uut, caf::exit_reason::user_shutdown);
  auto reason = caf::error{};
  self->receive([&](const caf::down_msg& down) { reason = down.reason; });
  CHECK(reason == caf::make_error(kit::fault::did_not_stop));
  CHECK(kit::describe(reason) == "/top/stuck did not stop");
  release = true;
}
