#include "actors/api/store_readers.hpp"

#include "actors/kit/promise.hpp"
#include "messages/error.hpp"
#include "tests/actors/api/fixture.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace stravasync;

namespace {

using answer = std::shared_ptr<std::optional<caf::error>>;

/// What the sessions were given and have not answered yet.
struct work_in_hand {
  std::size_t session = 0;
  kit::promise<void> reply;
};

using work_list = std::shared_ptr<std::vector<work_in_hand>>;

store_session_actor::behavior_type
slow_session(store_session_actor::pointer self, const work_list& given,
             std::size_t number) {
  return {
    [](store_write&) -> caf::result<void> {
      return caf::sec::invalid_argument;
    },
    [=](store_read&) -> caf::result<void> {
      auto reply = kit::make_promise<void>(self);
      given->push_back({number, reply});
      return reply;
    },
    [](const read_activity&) -> caf::result<activity_row> {
      return caf::sec::invalid_argument;
    },
  };
}

struct fixture : test::actor_fixture {
  work_list given = std::make_shared<std::vector<work_in_hand>>();
  store_readers_actor uut = keep(system().spawn(
    store_readers, context(),
    std::vector<store_session_actor>{
      keep(system().spawn(slow_session, given, std::size_t{0})),
      keep(system().spawn(slow_session, given, std::size_t{1}))}));

  answer read() {
    auto result = std::make_shared<std::optional<caf::error>>();
    system().spawn<caf::hidden>(
      [result, whom = uut](caf::event_based_actor* asker) {
        asker->request(whom, caf::infinite, store_read{})
          .then([result] { *result = caf::error{}; },
                [result](caf::error& why) { *result = std::move(why); });
      });
    run();
    return result;
  }

  void finish(std::size_t which) {
    given->at(which).reply.deliver(caf::error{});
    run();
  }

  void fail(std::size_t which, ec with) {
    given->at(which).reply.deliver(make_failure(with, "no"));
    run();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a long read holds nobody up while a session is free",
                 "[store_readers]") {
  auto first = read();
  auto second = read();
  auto third = read();
  REQUIRE(given->size() == 2);
  finish(1);
  CHECK(second->has_value());
  REQUIRE(given->size() == 3);
  CHECK(given->at(2).session == given->at(1).session);
  finish(2);
  CHECK(third->has_value());
  CHECK_FALSE(first->has_value());
  finish(0);
  CHECK(first->has_value());
}

TEST_CASE_METHOD(fixture, "long reads that do not overlap need one session",
                 "[store_readers]") {
  for (auto number = std::size_t{0}; number < 3; ++number) {
    read();
    finish(number);
    CHECK(given->at(number).session == 0);
  }
}

TEST_CASE_METHOD(fixture,
                 "a session that is away is asked last, one whose "
                 "answer is an error is not",
                 "[store_readers]") {
  auto refused = read();
  fail(0, ec::unavailable);
  CHECK(code_of(refused->value()) == ec::unavailable);
  read();
  CHECK(given->at(1).session == 1);
  fail(1, ec::not_found);
  read();
  CHECK(given->at(2).session == 1);
}

TEST_CASE_METHOD(test::api_fixture,
                 "a read is answered while those behind it go on",
                 "[store_readers]") {
  auto threaded = system().spawn<caf::detached>(
    store_session_loop, context(),
    store_opener{[at = where] { return sqlite::open_session(at); }});
  auto answered = std::promise<void>{};
  auto nothing = store_read{[](transaction&) { return caf::error{}; }};
  auto waits = store_read{[&](transaction&) -> caf::error {
    auto in_time = answered.get_future().wait_for(std::chrono::seconds{30});
    return in_time == std::future_status::ready
             ? caf::error{}
             : make_failure(ec::timed_out, "the first has no answer");
  }};
  caf::scoped_actor asker{system()};
  auto first = asker->request(threaded, caf::infinite, nothing);
  auto second = asker->request(threaded, caf::infinite, waits);
  auto failed = caf::error{};
  first.receive([&] { answered.set_value(); },
                [&](caf::error& why) { failed = std::move(why); });
  REQUIRE_FALSE(failed);
  second.receive([] {}, [&](caf::error& why) { failed = std::move(why); });
  CHECK_FALSE(failed);
  asker->send_exit(threaded, caf::exit_reason::user_shutdown);
  asker->wait_for(threaded);
}
