// Messages that their process does not outlive.

#include "tests/actors/durable_source_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;
using verdict = outcome::verdict;
using kind = settlement::kind;

namespace {

struct fixture : test::durable_source_fixture {
  fixture() {
    script->keep_waiting = true;
    start();
    bus->take_log();
  }

  /// The process ends with all that it has in hand, and another begins.
  void die() {
    caf::anon_send_exit(uut, caf::exit_reason::kill);
    run();
    script->waiting.clear();
    start();
  }

  [[nodiscard]] std::vector<envelope> letters() const {
    return bus->stored("dlq.>");
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "a message that ends its process every time becomes a dead "
                 "letter",
                 "[durable_source]") {
  // Nothing is written for the many that end well at once.
  deliver(9);
  CHECK(bus->take_log().empty());
  for (auto delivered : {2u, 3u, 4u}) {
    die();
    deliver(9, delivered);
    CHECK(attempts(9).begun() == delivered - 1);
    CHECK(attempts(9).begun_by() == "n1");
  }
  CHECK(script->seen.size() == 4);
  die();
  deliver(9, 5);
  CHECK(script->seen.size() == 4);
  REQUIRE(letters().size() == 1);
  CHECK(letters()[0].header_or_empty(header::reason)
        == "it was begun 3 times in a row without an end, the last time by "
           "node n1: the process seems to end by it");
  CHECK(letters()[0].header_or_empty(header::attempts) == "3");
  CHECK(last_settlement().decision == kind::term);
  CHECK(script->buried.size() == 1);
  CHECK(attempts(9).begun() == 0);
}

TEST_CASE_METHOD(fixture,
                 "a message that nobody outlives is settled before its "
                 "handler hears of it",
                 "[durable_source]") {
  for (auto delivered : {1u, 2u, 3u, 4u}) {
    deliver(9, delivered);
    die();
  }
  bus->hold("settle");
  deliver(9, 5);
  CHECK(letters().size() == 1);
  CHECK(script->buried.empty());
  bus->release();
  run();
  CHECK(script->buried.size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "what was begun beside it is handled alone and counts no "
                 "further",
                 "[durable_source]") {
  deliver(9, 2);
  deliver(10, 2);
  CHECK(script->seen.size() == 2);
  die();
  deliver(9, 3);
  deliver(10, 3);
  REQUIRE(script->seen.size() == 3);
  CHECK(script->seen[2]->sequence == 9);
  CHECK(attempts(9).begun() == 2);
  CHECK(attempts(10).begun() == 1);
  SECTION("until that one is done") {
    script->waiting[0].deliver(outcome{verdict::ack});
    run();
    REQUIRE(script->seen.size() == 4);
    CHECK(script->seen[3]->sequence == 10);
    CHECK(attempts(9).begun() == 0);
  }
  SECTION("and is handed back when the source stops") {
    stop(uut);
    CHECK(last_settlement().decision == kind::nak);
    CHECK(last_settlement().delay == 0ms);
  }
}

TEST_CASE_METHOD(fixture,
                 "what is still looked up when the source stops is handed back",
                 "[durable_source]") {
  deliver(9, 2);
  die();
  bus->hold("get");
  deliver(9, 3);
  stop(uut);
  bus->release();
  run();
  CHECK(last_settlement().decision == kind::nak);
  CHECK(script->seen.size() == 1);
}

TEST_CASE_METHOD(fixture, "attempts count though the bus takes no word of them",
                 "[durable_source]") {
  script->keep_waiting = false;
  script->decide = [] { return outcome{verdict::retry, {}, "no"}; };
  bus->fail("put", make_failure(ec::denied, "ATTEMPTS is closed"), 100);
  for (auto delivered : {1u, 2u, 3u})
    deliver(9, delivered);
  REQUIRE(letters().size() == 1);
  CHECK(letters()[0].header_or_empty(header::attempts) == "3");
}

TEST_CASE_METHOD(fixture, "an answer of any kind ends the count",
                 "[durable_source]") {
  for (auto delivered : {2u, 3u}) {
    deliver(9, delivered);
    die();
  }
  deliver(9, 4);
  CHECK(attempts(9).begun() == 3);
  SECTION("a snooze") {
    script->waiting[0].deliver(outcome{verdict::snooze, 5s, "no permits"});
    run();
    CHECK(attempts(9).failed_attempts() == 0);
  }
  SECTION("a failure") {
    script->waiting[0].deliver(outcome{verdict::retry, {}, "no"});
    run();
    CHECK(attempts(9).failed_attempts() == 1);
  }
  SECTION("a handler that is away") {
    script->waiting[0].deliver(kit::unavailable("the sync", 700ms));
    run();
    CHECK(attempts(9).failed_attempts() == 0);
  }
  CHECK(attempts(9).begun() == 0);
  CHECK(last_settlement().decision == kind::nak);
  CHECK(letters().empty());
}

TEST_CASE_METHOD(fixture, "what this node gave back itself costs no look",
                 "[durable_source]") {
  deliver(9, 2);
  script->waiting[0].deliver(outcome{verdict::snooze, 5s, "no permits"});
  run();
  bus->take_log();
  deliver(9, 3);
  CHECK(bus->take_log().empty());
  // Somebody else had it in between.
  script->waiting[1].deliver(outcome{verdict::snooze, 5s, "no permits"});
  run();
  bus->take_log();
  deliver(9, 5);
  CHECK(
    bus->take_log()
    == lines{"get ATTEMPTS/consumer__job.9", "put ATTEMPTS/consumer__job.9"});
}

TEST_CASE_METHOD(fixture, "what another node is at is handed back",
                 "[durable_source]") {
  bus->fail("put", make_failure(ec::conflict, "another revision"));
  deliver(9, 2);
  CHECK(script->seen.empty());
  CHECK(last_settlement().decision == kind::nak);
  CHECK(last_settlement().delay == 1s);
}

TEST_CASE_METHOD(fixture,
                 "attempts of a message that had the same sequence before "
                 "do not count",
                 "[durable_source]") {
  stored_at_ms = 1'000;
  for (auto delivered : {2u, 3u, 4u}) {
    deliver(9, delivered);
    die();
  }
  // Its stream was made again.
  stored_at_ms = 2'000;
  deliver(9, 2);
  CHECK(attempts(9).begun() == 1);
  CHECK(letters().empty());
}

TEST_CASE_METHOD(fixture, "a letter tells when each attempt failed and why",
                 "[durable_source]") {
  script->keep_waiting = false;
  decide({verdict::retry, {}, "Strava answered 502"});
  deliver(9);
  pass(4s);
  decide({verdict::retry, {}, "two\nlines"});
  deliver(9, 2);
  pass(4s);
  decide({verdict::retry, {}, "the last"});
  deliver(9, 3);
  REQUIRE(letters().size() == 1);
  auto at = [](std::int64_t s) { return std::to_string(t0 + s * 1'000); };
  CHECK(letters()[0].header_or_empty(header::attempt_log)
        == at(0) + " n1 Strava answered 502\n" + at(4) + " n1 two lines\n"
             + at(8) + " n1 the last");
}

TEST_CASE_METHOD(fixture, "headers beyond bounds are refused unseen",
                 "[durable_source]") {
  headers["traceparent"] = std::string(50'000, 'x');
  deliver(9);
  CHECK(script->seen.empty());
  CHECK(last_settlement().decision == kind::term);
  REQUIRE(letters().size() == 1);
  CHECK(letters()[0].header_or_empty(header::reason)
        == "consumer__job refused it: header traceparent must be at most 4096 "
           "bytes");
  CHECK(letters()[0].header_or_empty("traceparent").size() == 4'096);
}

TEST_CASE_METHOD(fixture,
                 "a message that leaves no room for a letter is kept short",
                 "[durable_source]") {
  script->keep_waiting = false;
  decide({verdict::dead_letter, {}, "garbage"});
  bus->fail("publish", make_failure(ec::invalid_argument, "too large"));
  deliver(9);
  REQUIRE(letters().size() == 1);
  CHECK(letters()[0].header_or_empty(header::cut_from) == "4");
  CHECK(last_settlement().decision == kind::term);
}
