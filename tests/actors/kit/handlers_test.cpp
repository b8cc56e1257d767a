#include "actors/kit/handlers.hpp"

#include "tests/actors/kit/fixture.hpp"

using kit::fault;
using kit::on_throw;
using test::get_number;
using test::note;
using test::refuse;

namespace {

struct as_expected {
  bool good = true;
};
struct as_error {
  bool good = true;
};
struct as_result {
  bool good = true;
};
struct as_promise {
  bool good = true;
};
struct throw_int {};

using shapes_actor
  = kit::protocol<int(get_number), int(as_expected), void(as_error),
                  int(as_result), int(as_promise), void(note), int(test::crash),
                  int(throw_int)>;

class shapes_state {
public:
  static inline constexpr const char* name = "shapes";

  explicit shapes_state(shapes_actor::stateful_pointer<shapes_state> self)
    : self_{self} {
  }

  shapes_actor::behavior_type
  make_behavior(kit::actor_statistics numbers, on_throw policy) {
    const auto no = caf::make_error(caf::sec::invalid_argument, "no");
    return kit::handlers(
      self_, numbers, policy, [](get_number x) { return x.value; },
      [no](const as_expected& x) {
        return x.good ? caf::expected<int>{2} : caf::expected<int>{no};
      },
      [no](const as_error& x) { return x.good ? caf::error{} : no; },
      [no](const as_result& x) -> caf::result<int> {
        if (!x.good)
          return no;
        return 3;
      },
      [no, this](const as_promise& x) {
        auto promise = kit::make_promise<int>(self_);
        if (x.good)
          promise.deliver(4);
        else
          promise.deliver(no);
        return promise;
      },
      [](const note&) {},
      [](const test::crash&) -> int { throw std::runtime_error{"as told"}; },
      [](const throw_int&) -> int { throw 1; });
  }

private:
  shapes_actor::stateful_pointer<shapes_state> self_;
};

shapes_actor::behavior_type
shapes(shapes_actor::stateful_pointer<shapes_state> self,
       kit::actor_statistics numbers, on_throw policy) {
  return self->state.make_behavior(std::move(numbers), policy);
}

struct fixture : test::deterministic_system {
  kit::actor_statistics numbers;

  shapes_actor spawn(on_throw policy = on_throw::crash) {
    return system().spawn(shapes, numbers, policy);
  }

  kit::class_statistics counted() {
    auto all = numbers.snapshot();
    REQUIRE(all.size() == 1);
    return all.front();
  }
};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(as_expected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(as_error)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(as_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(as_promise)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(throw_int)

TEST_CASE_METHOD(fixture, "a handler may return its answer in any shape",
                 "[handlers]") {
  auto uut = spawn();
  CHECK(ask<int>(uut, get_number{1}) == 1);
  CHECK(ask<int>(uut, as_expected{}) == 2);
  CHECK(ask<int>(uut, as_result{}) == 3);
  CHECK(ask<int>(uut, as_promise{}) == 4);
  CHECK(!tell(uut, as_error{}));
  CHECK(!tell(uut, note{}));
  CHECK(counted().handled == 6);
  CHECK(counted().failed == 0);
  CHECK(counted().busy > std::chrono::nanoseconds{0});
}

TEST_CASE_METHOD(fixture,
                 "an answer that is an error counts as failed, in any "
                 "shape",
                 "[handlers]") {
  auto uut = spawn();
  const auto no = caf::make_error(caf::sec::invalid_argument);
  CHECK(ask<int>(uut, as_expected{false}).error() == no);
  CHECK(ask<int>(uut, as_result{false}).error() == no);
  CHECK(ask<int>(uut, as_promise{false}).error() == no);
  CHECK(tell(uut, as_error{false}) == no);
  CHECK(counted().handled == 4);
  CHECK(counted().failed == 4);
}

TEST_CASE_METHOD(fixture,
                 "an exception ends the actor and its text reaches "
                 "the requester and the one who watches",
                 "[handlers]") {
  auto uut = spawn();
  self()->monitor(uut);
  auto answer = ask<int>(uut, test::crash{});
  REQUIRE(!answer);
  CHECK(answer.error() == caf::make_error(fault::crashed));
  CHECK(kit::describe(answer.error()) == "as told");
  caf::error reason;
  self()->receive([&](caf::down_msg& down) { reason = down.reason; });
  CHECK(kit::describe(reason) == "as told");
  uut = nullptr;
  CHECK(counted().handled == 1);
  CHECK(counted().failed == 1);
  CHECK(counted().alive == 0);
}

TEST_CASE_METHOD(fixture, "requests behind the one that crashes are answered",
                 "[handlers]") {
  auto uut = spawn();
  auto first = ask_later<int>(uut, test::crash{});
  auto second = ask_later<int>(uut, get_number{1});
  auto third = ask_later<int>(uut, as_promise{});
  run();
  REQUIRE(first.came());
  REQUIRE(second.came());
  REQUIRE(third.came());
  CHECK(kit::is_lost(first.error()));
  CHECK(kit::is_lost(second.error()));
  CHECK(kit::is_lost(third.error()));
}

TEST_CASE_METHOD(fixture,
                 "with resume an exception is an answer and the actor "
                 "lives on",
                 "[handlers]") {
  auto uut = spawn(on_throw::resume);
  auto answer = ask<int>(uut, test::crash{});
  REQUIRE(!answer);
  CHECK(answer.error() == caf::make_error(fault::crashed));
  CHECK(ask<int>(uut, throw_int{}).error() == caf::make_error(fault::crashed));
  CHECK(ask<int>(uut, get_number{5}) == 5);
  CHECK(counted().handled == 3);
  CHECK(counted().failed == 2);
  CHECK(counted().alive == 1);
}

TEST_CASE_METHOD(fixture, "what waits for an actor is counted until it ran",
                 "[handlers]") {
  auto uut = spawn();
  for (auto i = 0; i < 3; ++i)
    caf::anon_send(uut, note{});
  caf::anon_send<caf::message_priority::high>(uut, note{});
  step();
  CHECK(counted().handled == 1);
  CHECK(counted().waiting == 3);
  run();
  CHECK(counted().handled == 4);
  CHECK(counted().waiting == 0);
}
