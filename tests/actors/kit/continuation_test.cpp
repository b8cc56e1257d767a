#include "actors/kit/continuation.hpp"

#include "actors/kit/handlers.hpp"
#include "actors/kit/promise.hpp"
#include "tests/actors/kit/fixture.hpp"

#include <caf/expected.hpp>

#include <functional>
#include <thread>

using kit::fault;
using test::get_number;

namespace {

/// A port whose answers come when the test wants them, on any thread.
struct fake_port {
  std::vector<std::function<void(caf::expected<int>)>> waiting;
  std::vector<std::function<void()>> pings;

  void answer_all(const caf::expected<int>& value) {
    for (auto& done : std::exchange(waiting, {}))
      done(value);
  }
};

struct boom {};    // Registers a callback that throws.
struct chained {}; // Registers a callback that registers another.

using worker_actor
  = kit::protocol<int(get_number), int(boom), int(chained), int(test::note)>;

class worker_state {
public:
  static inline constexpr const char* name = "worker";

  explicit worker_state(worker_actor::stateful_pointer<worker_state> self)
    : self_{self} {
  }

  worker_actor::behavior_type
  make_behavior(fake_port* port, kit::actor_statistics numbers,
                kit::on_throw policy) {
    return kit::handlers(
      self_, numbers, policy,
      [=, this](const get_number& x) {
        auto promise = kit::make_promise<int>(self_);
        port->waiting.push_back(
          kit::in_actor(self_, [=, this](caf::expected<int> got) {
            order_.push_back(x.value);
            if (got)
              promise.deliver(*got + x.value);
            else
              promise.deliver(got.error());
          }));
        return promise;
      },
      [=, this](const boom&) {
        auto promise = kit::make_promise<int>(self_);
        port->pings.push_back(kit::in_actor(
          self_, [promise] { throw std::runtime_error{"in a continuation"}; }));
        return promise;
      },
      [=, this](const chained&) {
        auto promise = kit::make_promise<int>(self_);
        port->pings.push_back(kit::in_actor(self_, [=, this] {
          port->waiting.push_back(
            kit::in_actor(self_, [promise](const caf::expected<int>& got) {
              promise.deliver(got);
            }));
        }));
        return promise;
      },
      [this](const test::note&) {
        auto result = 0;
        for (auto digit : order_)
          result = result * 10 + digit;
        return result;
      });
  }

private:
  worker_actor::stateful_pointer<worker_state> self_;
  std::vector<int> order_;
};

worker_actor::behavior_type
worker(worker_actor::stateful_pointer<worker_state> self, fake_port* port,
       kit::actor_statistics numbers, kit::on_throw policy) {
  return self->state.make_behavior(port, std::move(numbers), policy);
}

struct fixture : test::deterministic_system {
  fake_port port;
  kit::actor_statistics numbers;

  worker_actor spawn(kit::on_throw policy = kit::on_throw::crash) {
    return system().spawn(worker, &port, numbers, policy);
  }
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(boom)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(chained)

TEST_CASE_METHOD(fixture, "a callback's value comes back into the actor",
                 "[continuation]") {
  auto answer = ask_later<int>(spawn(), get_number{1});
  run();
  port.answer_all(40);
  CHECK_FALSE(answer.came());
  run();
  CHECK(answer.is(41));
}

TEST_CASE_METHOD(fixture, "continuations run in the order of the calls",
                 "[continuation]") {
  auto uut = spawn();
  for (auto i = 1; i <= 4; ++i)
    ask_later<int>(uut, get_number{i});
  run();
  std::thread{[this] { port.answer_all(0); }}.join();
  run();
  CHECK(ask<int>(uut, test::note{}) == 1234);
}

TEST_CASE_METHOD(fixture, "a continuation can start the next call",
                 "[continuation]") {
  auto answer = ask_later<int>(spawn(), chained{});
  run();
  REQUIRE(port.pings.size() == 1);
  port.pings.front()();
  run();
  REQUIRE(port.waiting.size() == 1);
  port.answer_all(5);
  run();
  CHECK(answer.is(5));
}

TEST_CASE_METHOD(fixture, "a callback may be called many times",
                 "[continuation]") {
  auto calls = 0;
  std::function<void(int)> callback;
  auto uut = system().spawn([&](caf::event_based_actor* self) {
    callback = kit::in_actor(self, [&](int x) { calls += x; });
    return caf::behavior{[](get_number) { return 0; }};
  });
  run();
  for (auto i = 0; i < 3; ++i)
    callback(2);
  run();
  CHECK(calls == 6);
}

TEST_CASE_METHOD(fixture,
                 "a callback after the actor's end, from another "
                 "thread, answers by the promise's guard",
                 "[continuation]") {
  auto uut = spawn();
  auto answer = ask_later<int>(uut, get_number{1});
  run();
  stop(uut);
  uut = nullptr;
  CHECK_FALSE(answer.came());
  std::thread{[this] { port.answer_all(1); }}.join();
  run();
  REQUIRE(answer.came());
  CHECK(answer.error() == caf::make_error(fault::broken_promise));
}

TEST_CASE_METHOD(fixture,
                 "a continuation that waits in the mailbox when the "
                 "actor crashes is answered",
                 "[continuation]") {
  auto uut = spawn();
  auto first = ask_later<int>(uut, boom{});
  auto second = ask_later<int>(uut, get_number{1});
  auto queued = ask_later<int>(uut, get_number{2});
  run();
  port.pings.front()();
  port.answer_all(1);
  port.pings.clear();
  run();
  REQUIRE(first.came());
  REQUIRE(second.came());
  REQUIRE(queued.came());
  CHECK(first.error() == caf::make_error(fault::broken_promise));
  CHECK(second.error() == caf::make_error(fault::broken_promise));
}

TEST_CASE_METHOD(fixture, "a callback that the port loses is answered",
                 "[continuation]") {
  auto answer = ask_later<int>(spawn(), get_number{1});
  run();
  port.waiting.clear();
  run();
  REQUIRE(answer.came());
  CHECK(answer.error() == caf::make_error(fault::broken_promise));
}

TEST_CASE_METHOD(fixture,
                 "an actor that resumes survives a continuation that "
                 "throws, and counts it",
                 "[continuation]") {
  auto uut = spawn(kit::on_throw::resume);
  auto answer = ask_later<int>(uut, boom{});
  run();
  port.pings.front()();
  port.pings.clear();
  run();
  REQUIRE(answer.came());
  CHECK(answer.error() == caf::make_error(fault::broken_promise));
  CHECK(ask<int>(uut, test::note{}) == 0);
  auto counted = numbers.snapshot();
  REQUIRE(counted.size() == 1);
  CHECK(counted.front().handled == 3);
  // The throw, and the answer that was therefore an error.
  CHECK(counted.front().failed == 2);
}

TEST_CASE_METHOD(fixture,
                 "what an actor does not expect is answered, whether "
                 "or not it uses continuations",
                 "[continuation]") {
  auto uut = caf::actor_cast<caf::actor>(spawn());
  auto answer = ask<int>(uut, test::crash{});
  REQUIRE(!answer);
  CHECK(answer.error() == caf::make_error(caf::sec::unexpected_message));
}
