#include "actors/kit/promise.hpp"

#include "actors/kit/continuation.hpp"
#include "tests/actors/kit/fixture.hpp"

#include <optional>
#include <thread>

using kit::fault;

namespace {

struct hold {};        // Keep the promise.
struct forget {};      // Let the promise go out of scope.
struct deliver_all {}; // Answer each held promise.
struct twice {};       // Deliver two values.
struct throw_after {}; // Throw with the promise in hand.
struct hold_void {};

using keeper_actor
  = kit::protocol<int(hold), int(forget), int(deliver_all), int(twice),
                  int(throw_after), void(hold_void)>;

class keeper_state {
public:
  static inline constexpr const char* name = "keeper";

  explicit keeper_state(keeper_actor::stateful_pointer<keeper_state> self)
    : self_{self} {
  }

  keeper_actor::behavior_type
  make_behavior(std::vector<kit::promise<int>>* outside) {
    return {
      [=, this](hold) -> caf::result<int> {
        auto promise = kit::make_promise<int>(self_);
        (outside ? *outside : held_).push_back(promise);
        return promise;
      },
      [this](forget) -> caf::result<int> {
        return kit::make_promise<int>(self_);
      },
      [this](deliver_all) {
        for (const auto& promise : held_)
          promise.deliver(7);
        return 0;
      },
      [this](twice) -> caf::result<int> {
        auto promise = kit::make_promise<int>(self_);
        auto copy = promise;
        promise.deliver(1);
        copy.deliver(2);
        copy.deliver(caf::make_error(caf::sec::invalid_argument));
        return promise;
      },
      [this](throw_after) -> caf::result<int> {
        auto promise = kit::make_promise<int>(self_);
        throw std::runtime_error{"after the promise"};
      },
      [this](hold_void) -> caf::result<void> {
        held_void_ = kit::make_promise<void>(self_);
        held_void_.deliver();
        return held_void_;
      },
    };
  }

private:
  keeper_actor::stateful_pointer<keeper_state> self_;
  std::vector<kit::promise<int>> held_;
  kit::promise<void> held_void_;
};

keeper_actor::behavior_type
keeper(keeper_actor::stateful_pointer<keeper_state> self,
       std::vector<kit::promise<int>>* outside) {
  return self->state.make_behavior(outside);
}

struct fixture : test::deterministic_system {
  // Outlives the actor: a promise that somebody else holds.
  std::vector<kit::promise<int>> outside;

  keeper_actor spawn(bool hold_outside = false) {
    return system().spawn(keeper, hold_outside ? &outside : nullptr);
  }
};

bool is_broken(const test::eventual<int>& answer) {
  return answer.error() == caf::make_error(fault::broken_promise);
}

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(forget)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(deliver_all)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(twice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(throw_after)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hold_void)

TEST_CASE_METHOD(fixture, "a held promise is answered when it is delivered",
                 "[promise]") {
  auto uut = spawn();
  auto first = ask_later<int>(uut, hold{});
  auto second = ask_later<int>(uut, hold{});
  run();
  CHECK_FALSE(first.came());
  CHECK_FALSE(second.came());
  CHECK(ask<int>(uut, deliver_all{}) == 0);
  CHECK(first.is(7));
  CHECK(second.is(7));
}

TEST_CASE_METHOD(fixture, "only the first delivery counts", "[promise]") {
  CHECK(ask<int>(spawn(), twice{}) == 1);
  run();
  CHECK(self()->peek_at_next_mailbox_element() == nullptr);
}

TEST_CASE_METHOD(fixture, "a promise without a value acknowledges",
                 "[promise]") {
  CHECK(!tell(spawn(), hold_void{}));
}

TEST_CASE_METHOD(fixture, "a forgotten promise is answered as broken",
                 "[promise]") {
  auto uut = spawn();
  auto answer = ask<int>(uut, forget{});
  REQUIRE(!answer);
  CHECK(answer.error() == caf::make_error(fault::broken_promise));
}

TEST_CASE_METHOD(fixture,
                 "a handler that throws with a promise in hand "
                 "answers exactly once",
                 "[promise]") {
  auto answer = ask<int>(spawn(), throw_after{});
  REQUIRE(!answer);
  CHECK(answer.error() == caf::make_error(fault::broken_promise));
  run();
  CHECK(self()->peek_at_next_mailbox_element() == nullptr);
}

TEST_CASE_METHOD(fixture,
                 "promises in the state of an actor that ends are "
                 "answered as broken",
                 "[promise]") {
  auto uut = spawn();
  auto answer = ask_later<int>(uut, hold{});
  run();
  CHECK_FALSE(answer.came());
  stop(uut);
  CHECK(is_broken(answer));
}

TEST_CASE_METHOD(fixture, "a promise can be delivered after its actor ended",
                 "[promise]") {
  auto uut = spawn(true);
  auto answer = ask_later<int>(uut, hold{});
  run();
  stop(uut);
  uut = nullptr;
  REQUIRE(outside.size() == 1);
  CHECK(outside.front().pending());
  outside.front().deliver(9);
  CHECK_FALSE(outside.front().pending());
  run();
  CHECK(answer.is(9));
}

TEST_CASE_METHOD(fixture,
                 "the last copy may die on another thread after its "
                 "actor ended",
                 "[promise]") {
  auto uut = spawn(true);
  auto answer = ask_later<int>(uut, hold{});
  run();
  stop(uut);
  std::thread{[this] { outside.clear(); }}.join();
  run();
  CHECK(is_broken(answer));
}

TEST_CASE_METHOD(fixture, "nobody hears of the answer to a plain message",
                 "[promise]") {
  auto uut = spawn();
  self()->send(uut, forget{});
  self()->send(uut, hold{});
  run();
  CHECK(self()->peek_at_next_mailbox_element() == nullptr);
}

TEST_CASE("a promise that was made of nothing answers nobody", "[promise]") {
  auto uut = kit::promise<int>{};
  CHECK_FALSE(uut.pending());
  uut.deliver(1);
  uut.deliver(caf::make_error(caf::sec::invalid_argument));
  kit::promise<void>{}.deliver();
}

TEST_CASE_METHOD(fixture, "the requester may be gone", "[promise]") {
  auto uut = spawn(true);
  {
    auto requester = caf::scoped_actor{system(), true};
    requester->request(uut, caf::infinite, hold{});
    run();
  }
  REQUIRE(outside.size() == 1);
  outside.front().deliver(1);
  run();
  CHECK(ask<int>(uut, twice{}) == 1);
}
