#include "actors/durable_source.hpp"
#include "tests/actors/durable_source_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
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

TEST_CASE_METHOD(fixture,
                 "the last attempt leaves a dead letter before the "
                 "message is given up",
                 "[durable_source]") {
  decide({verdict::retry, {}, "no"});
  deliver(9);
  deliver(9, 2);
  bus->take_log();
  decide({verdict::retry, {}, "still no"});
  bus->hold("publish");
  deliver(9, 3);
  CHECK(bus->take_log()
        == lines{"get ATTEMPTS/consumer__job.9",
                 "publish dlq.consumer__job consumer__job:JOBS:9"});
  CHECK(script->buried.empty());
  bus->release();
  run();
  CHECK(bus->take_log()
        == lines{"erase ATTEMPTS/consumer__job.9", "settle t3 term"});
  CHECK(script->buried == lines{"t3: still no"});
  auto letters = bus->stored("dlq.>");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].payload == "body");
  CHECK(letters[0].header_or_empty(header::reason) == "still no");
  CHECK(letters[0].header_or_empty(header::attempts) == "3");
  CHECK(letters[0].header_or_empty(header::origin)
        == "jobs.sync_athlete.7@JOBS:9");
  CHECK(letters[0].header_or_empty(header::original_id) == "r/1");
}

TEST_CASE_METHOD(fixture,
                 "a message whose dead letter is not stored is not "
                 "given up",
                 "[durable_source]") {
  decide({verdict::dead_letter, {}, "garbage"});
  bus->fail("publish", make_failure(ec::unavailable, "the bus is down"));
  deliver(9);
  CHECK(last_settlement().decision == kind::nak);
  CHECK(script->buried.empty());
  deliver(9, 2);
  CHECK(last_settlement().decision == kind::term);
  CHECK(script->buried == lines{"t2: garbage"});
  SECTION("and if it dies in between, there is still one letter") {
    deliver(9, 3);
    CHECK(bus->stored("dlq.>").size() == 1);
  }
}

TEST_CASE_METHOD(fixture,
                 "a message that is refused says by which durable, and "
                 "attempts that failed before count",
                 "[durable_source]") {
  decide({verdict::retry, {}, "no"});
  deliver(9);
  deliver(9, 2);
  decide({verdict::dead_letter, {}, "this is no job"});
  deliver(9, 3);
  auto letters = bus->stored("dlq.>");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].header_or_empty(header::reason)
        == "consumer__job refused it: this is no job");
  CHECK(letters[0].header_or_empty(header::attempts) == "3");
  CHECK(script->buried == lines{"t3: this is no job"});
  CHECK(last_settlement().decision == kind::term);
}

TEST_CASE_METHOD(fixture,
                 "a message that cannot be counted is refused the next time",
                 "[durable_source]") {
  decide({verdict::dead_letter, {}, "this is no job"});
  bus->fail("get", make_failure(ec::unavailable, "the bus is down"));
  deliver(9, 2);
  CHECK(last_settlement().decision == kind::nak);
  CHECK(bus->stored("dlq.>").empty());
  deliver(9, 3);
  CHECK(bus->stored("dlq.>").size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a message that was sent again for another durable is acked "
                 "unseen",
                 "[durable_source]") {
  redriven_for = "worker__job";
  deliver(9);
  CHECK(script->seen.empty());
  CHECK(last_settlement().decision == kind::ack);
  redriven_for = "consumer__job";
  deliver(10);
  CHECK(script->seen.size() == 1);
  CHECK(bus->credit == 2);
}

TEST_CASE_METHOD(fixture,
                 "what a handler wants kept is in the dead letter, as its last "
                 "attempt said it",
                 "[durable_source]") {
  for (auto attempt : {1U, 2U, 3U}) {
    decide(
      {verdict::retry, {}, "no", {{"Ss-Unread", std::to_string(attempt)}}});
    deliver(9, attempt);
  }
  auto letters = bus->stored("dlq.>");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].header_or_empty("Ss-Unread") == "3");
}
