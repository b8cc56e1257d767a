#include "actors/durable_source.hpp"

#include "tests/actors/durable_source_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>

using namespace stravasync;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;
using verdict = outcome::verdict;
using kind = settlement::kind;

namespace {

struct fixture : test::durable_source_fixture {
  fixture() {
    start();
    bus->take_log();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a source takes as many deliveries as it may handle",
                 "[durable_source]") {
  REQUIRE(bus->joined);
  CHECK(bus->joined->durable == "consumer__job");
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(fixture, "a delivery that is done is acked",
                 "[durable_source]") {
  deliver(1);
  CHECK(bus->take_log() == lines{"settle t1 ack"});
  REQUIRE(script->seen.size() == 1);
  CHECK(script->seen[0]->message.payload == "body");
}

TEST_CASE_METHOD(fixture, "credit is given back one for one",
                 "[durable_source]") {
  script->keep_waiting = true;
  deliver(1);
  deliver(2);
  CHECK(bus->credit == 0);
  script->waiting[1].deliver(outcome{verdict::ack});
  run();
  CHECK(bus->credit == 1);
  script->waiting[0].deliver(outcome{verdict::snooze, 1s});
  run();
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(fixture, "credit is given back once the bus has the word",
                 "[durable_source]") {
  bus->hold("settle");
  deliver(1);
  CHECK(bus->credit == 1);
  bus->release();
  run();
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(fixture, "a settlement that is lost is told again",
                 "[durable_source]") {
  bus->fail("settle", make_failure(ec::unavailable, "the bus is down"), 2);
  decide({verdict::snooze, 5s});
  deliver(1);
  CHECK(bus->take_log() == lines{"settle t1 nak"});
  CHECK(bus->credit == 1);
  pass(1s);
  CHECK(bus->take_log() == lines{"settle t1 nak"});
  CHECK(bus->credit == 1);
  pass(1s);
  CHECK(bus->take_log() == lines{"settle t1 nak"});
  CHECK(last_settlement().delay == 5s);
  CHECK(bus->credit == 2);
  pass(1s);
  CHECK(bus->calls("settle") == 3);
}

TEST_CASE_METHOD(fixture,
                 "a settlement that came too late gives its credit back",
                 "[durable_source]") {
  bus->fail("settle", make_failure(ec::not_found, "settled already"));
  deliver(1);
  CHECK(bus->credit == 2);
  pass(1s);
  CHECK(bus->calls("settle") == 1);
}

TEST_CASE_METHOD(fixture, "a snooze is no attempt however often it happens",
                 "[durable_source]") {
  decide({verdict::snooze, 5s, "no permits"});
  for (auto i = 1u; i <= 10; ++i) {
    deliver(1, i);
    CHECK(last_settlement().decision == kind::nak);
    CHECK(last_settlement().delay == 5s);
  }
  CHECK(bus->calls("put") == 0);
  CHECK(bus->stored("dlq.>").empty());
}

TEST_CASE_METHOD(fixture,
                 "a failed attempt is on record before the message is "
                 "handed back",
                 "[durable_source]") {
  decide({verdict::retry, {}, "Strava answered 502"});
  bus->hold("put");
  deliver(9);
  CHECK(
    bus->take_log()
    == lines{"get ATTEMPTS/consumer__job.9", "put ATTEMPTS/consumer__job.9"});
  CHECK(attempts(9).failed_attempts() == 1);
  CHECK(attempts(9).last_error() == "Strava answered 502");
  CHECK(attempts(9).first_failure_at_ms() == t0);
  bus->release();
  run();
  CHECK(bus->take_log() == lines{"settle t1 nak"});
  CHECK(last_settlement().delay <= 1s);
}

TEST_CASE_METHOD(fixture, "attempts add up and remember when they began",
                 "[durable_source]") {
  decide({verdict::retry, {}, "first"});
  deliver(9);
  pass(4s);
  decide({verdict::retry, {}, "second"});
  deliver(9, 2);
  CHECK(attempts(9).failed_attempts() == 2);
  CHECK(attempts(9).first_failure_at_ms() == t0);
  CHECK(attempts(9).last_error() == "second");
  CHECK(last_settlement().decision == kind::nak);
  CHECK(last_settlement().delay <= 2s);
}

TEST_CASE_METHOD(fixture, "the delay after a failure stays within the back-off",
                 "[durable_source]") {
  decide({verdict::retry, {}, "no"});
  auto longest = 0ms;
  for (auto i = 1u; i <= 100; ++i) {
    deliver(i);
    CHECK(last_settlement().delay <= 1s);
    longest = std::max(longest, last_settlement().delay);
  }
  CHECK(longest > 0ms);
}

TEST_CASE_METHOD(fixture, "success after failures forgets them",
                 "[durable_source]") {
  decide({verdict::retry, {}, "no"});
  deliver(9);
  decide({verdict::ack});
  deliver(9, 2);
  CHECK(attempts(9).failed_attempts() == 0);
  CHECK(last_settlement().decision == kind::ack);
}

TEST_CASE_METHOD(fixture, "a handler that crashes has used up an attempt",
                 "[durable_source]") {
  script->decide = []() -> caf::expected<outcome> {
    throw std::runtime_error{"poison"};
  };
  deliver(9);
  CHECK(attempts(9).failed_attempts() == 1);
  CHECK(attempts(9).last_error().starts_with("the handler crashed: "));
  CHECK(last_settlement().decision == kind::nak);
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(fixture, "a handler that is away costs no attempt",
                 "[durable_source]") {
  script->decide = []() -> caf::expected<outcome> {
    return kit::unavailable("the sync", 700ms);
  };
  for (auto i = 1u; i <= 10; ++i)
    deliver(9, i);
  CHECK(bus->calls("put") == 0);
  CHECK(last_settlement().decision == kind::nak);
  CHECK(last_settlement().delay == 700ms);
}

TEST_CASE_METHOD(fixture,
                 "without the bucket a failure is handed back "
                 "uncounted",
                 "[durable_source]") {
  decide({verdict::retry, {}, "no"});
  bus->fail("get", make_failure(ec::unavailable, "the bus is down"));
  deliver(9);
  CHECK(bus->take_log()
        == lines{"get ATTEMPTS/consumer__job.9", "settle t1 nak"});
  CHECK(last_settlement().delay == 1s);
}

TEST_CASE_METHOD(fixture,
                 "deliveries that take long are kept alive until they "
                 "are done",
                 "[durable_source]") {
  script->keep_waiting = true;
  deliver(1);
  pass(10s);
  CHECK(bus->take_log() == lines{"settle t1 in_progress"});
  pass(10s);
  CHECK(bus->take_log() == lines{"settle t1 in_progress"});
  script->waiting[0].deliver(outcome{verdict::ack});
  run();
  CHECK(bus->take_log() == lines{"settle t1 ack"});
  pass(10s);
  CHECK(bus->take_log().empty());
}

TEST_CASE_METHOD(fixture,
                 "told to exit, a source takes no more and ends when "
                 "the rest is done",
                 "[durable_source]") {
  auto end = end_of(uut);
  script->keep_waiting = true;
  deliver(1);
  stop(uut);
  CHECK_FALSE(*end);
  deliver(2);
  CHECK(script->seen.size() == 1);
  CHECK(bus->settlements.at(0).token == "t2");
  CHECK(last_settlement().decision == kind::nak);
  CHECK(last_settlement().delay == 0ms);
  CHECK_FALSE(*end);
  script->waiting[0].deliver(outcome{verdict::ack});
  run();
  CHECK(last_settlement().decision == kind::ack);
  REQUIRE(*end);
  CHECK(**end == caf::exit_reason::user_shutdown);
  CHECK(bus->credit == 0);
  CHECK(bus->left);
}

TEST_CASE_METHOD(fixture, "told to exit, an idle source ends at once",
                 "[durable_source]") {
  auto end = end_of(uut);
  deliver(1);
  stop(uut);
  REQUIRE(*end);
  CHECK(bus->left);
}

TEST_CASE_METHOD(test::durable_source_fixture,
                 "a durable that cannot be joined ends the source",
                 "[durable_source]") {
  bus->fail("subscribe", make_failure(ec::conflict, "has another filter"));
  bus->hold("subscribe");
  start();
  auto end = end_of(uut);
  bus->release();
  run();
  REQUIRE(*end);
  CHECK(code_of(**end) == ec::conflict);
  CHECK(detail_of(**end) == "consumer__job: has another filter");
}

TEST_CASE_METHOD(test::durable_source_fixture,
                 "told to exit while it joins, a source leaves the durable",
                 "[durable_source]") {
  bus->hold("subscribe");
  start();
  auto end = end_of(uut);
  stop(uut);
  REQUIRE(*end);
  bus->release();
  run();
  CHECK(bus->left);
  CHECK(bus->credit == 0);
}
