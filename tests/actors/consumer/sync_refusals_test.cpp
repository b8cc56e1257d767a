// What SYNC makes of the errors of TOKENS and STRAVA CLIENT.

#include "actors/consumer/sync.hpp"
#include "tests/actors/consumer/sync_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;
using verdict = outcome::verdict;
using events::v1::SYNC_STATE_NEEDS_REAUTH;
using events::v1::SYNC_STATE_WAITING;
using events::v1::SyncHeldUp;
using ingest::v1::ActivitiesPage;

namespace {

struct fixture : test::sync_fixture {
  void refuse(ec code) {
    script->pages.emplace_back(make_failure(code, "refused"));
  }

  void refuse(ec code, milliseconds retry_after) {
    script->pages.emplace_back(make_failure(code, "refused", retry_after));
  }

  verdict decision(std::uint32_t delivered = 1) {
    auto result = handle(delivered);
    REQUIRE(result);
    return result->decision;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a token that Strava refuses is replaced once",
                 "[sync]") {
  script->tokens = {std::string{"old"}, std::string{"new"}};
  refuse(ec::needs_reauth);
  CHECK(decision() == verdict::ack);
  CHECK(script->rejected == lines{"", "old"});
  REQUIRE(script->fetched.size() == 2);
  CHECK(script->fetched[1].request.access_token == "new");
  CHECK(stored_as<ActivitiesPage>().size() == 1);
  CHECK(stored_as<SyncHeldUp>().empty());
}

TEST_CASE_METHOD(fixture,
                 "two tokens refused in a row are a matter for the "
                 "athlete",
                 "[sync]") {
  refuse(ec::needs_reauth);
  refuse(ec::needs_reauth);
  CHECK(decision() == verdict::ack);
  CHECK(script->fetched.size() == 2);
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state() == SYNC_STATE_NEEDS_REAUTH);
  CHECK(facts[0].athlete_id() == 7);
  CHECK(facts[0].page_number() == 1);
  CHECK(facts[0].run_started_at_ms() == t0 - 5);
}

TEST_CASE_METHOD(fixture, "an athlete without a token must connect again",
                 "[sync]") {
  script->tokens.emplace_back(make_failure(ec::needs_reauth, "revoked"));
  CHECK(decision() == verdict::ack);
  CHECK(script->rejected.size() == 1);
  CHECK(script->fetched.empty());
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state() == SYNC_STATE_NEEDS_REAUTH);
  CHECK(facts[0].reason() == "revoked");
}

TEST_CASE_METHOD(fixture, "a missing scope is a matter for the athlete",
                 "[sync]") {
  refuse(ec::scope_missing);
  CHECK(decision() == verdict::ack);
  CHECK(script->rejected.size() == 1);
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state() == SYNC_STATE_NEEDS_REAUTH);
}

TEST_CASE_METHOD(fixture, "the job of an athlete who is gone is done",
                 "[sync]") {
  script->tokens.emplace_back(make_failure(ec::not_found, "no such athlete"));
  CHECK(decision() == verdict::ack);
  CHECK(script->fetched.empty());
  CHECK(bus->stored("").empty());
}

TEST_CASE_METHOD(fixture, "without permits the job waits as long as it must",
                 "[sync]") {
  refuse(ec::exhausted, 90s);
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::snooze);
  CHECK(result->delay == 90s);
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state() == SYNC_STATE_WAITING);
  CHECK(facts[0].reason() == "waiting for Strava's rate limit");
  CHECK(facts[0].at_ms() == t0);
  CHECK(facts[0].resumes_at_ms() == t0 + 90'000);
}

TEST_CASE_METHOD(fixture, "waiting for the same second is told once",
                 "[sync]") {
  refuse(ec::exhausted, 90s);
  CHECK(decision() == verdict::snooze);
  *now += 30'000;
  refuse(ec::exhausted, 60s);
  CHECK(decision() == verdict::snooze);
  CHECK(stored_as<SyncHeldUp>().size() == 1);
  refuse(ec::exhausted, 61s);
  CHECK(decision() == verdict::snooze);
  CHECK(stored_as<SyncHeldUp>().size() == 2);
}

TEST_CASE_METHOD(fixture, "a moment's wait is not told", "[sync]") {
  refuse(ec::exhausted, 200ms);
  auto result = handle();
  REQUIRE(result);
  CHECK(result->delay == 200ms);
  CHECK(stored_as<SyncHeldUp>().empty());
}

TEST_CASE_METHOD(fixture, "what is out of reach is no failure of the job",
                 "[sync]") {
  for (auto code : {ec::unavailable, ec::rate_limited, ec::full}) {
    refuse(code);
    auto result = handle();
    REQUIRE(result);
    CHECK(result->decision == verdict::snooze);
    CHECK(result->delay == 5s);
  }
}

TEST_CASE_METHOD(fixture, "an application that is switched off waits for long",
                 "[sync]") {
  refuse(ec::forbidden);
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::snooze);
  CHECK(result->delay == 900s);
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].reason()
        == "Strava has switched this application off: refused");
}

TEST_CASE_METHOD(fixture, "a right that is lacking here is not Strava's doing",
                 "[sync]") {
  script->tokens.emplace_back(
    make_failure(ec::denied, "the user of the database lacks a right"));
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::snooze);
  CHECK(result->delay == 5s);
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].reason() == "waiting: the user of the database lacks a right");
}

TEST_CASE_METHOD(fixture,
                 "while Strava fails for all, a job is charged one "
                 "attempt and then waits",
                 "[sync]") {
  for (auto i = 0; i < 4; ++i)
    refuse(ec::upstream_failed);
  CHECK(decision() == verdict::retry);
  CHECK(decision(2) == verdict::snooze);
  CHECK(decision(3) == verdict::snooze);
  CHECK(decision(4) == verdict::snooze);
  SECTION("and after a success a failure is the job's own again") {
    CHECK(decision(5) == verdict::ack);
    job.set_page_number(2);
    refuse(ec::timed_out);
    refuse(ec::timed_out);
    CHECK(decision() == verdict::retry);
    CHECK(decision(2) == verdict::snooze);
  }
}

TEST_CASE_METHOD(fixture,
                 "what Strava says against one request costs that job an "
                 "attempt each time, even if no other job goes on",
                 "[sync]") {
  for (auto code : {ec::rejected, ec::not_found, ec::malformed})
    for (auto delivered : {1U, 2U, 3U}) {
      refuse(code);
      auto result = handle(delivered);
      REQUIRE(result);
      CHECK(result->decision == verdict::retry);
      CHECK(result->reason == "refused");
    }
  CHECK(stored_as<SyncHeldUp>().empty());
}

TEST_CASE_METHOD(fixture, "a request that breaks our own rules is not repeated",
                 "[sync]") {
  refuse(ec::invalid_argument);
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::dead_letter);
  CHECK(result->reason == "refused");
}

TEST_CASE_METHOD(fixture,
                 "nobody who leases tokens for a moment, as after a restart of "
                 "the bus, delays the job for a moment",
                 "[sync]") {
  for (auto i = 0; i < 2; ++i)
    script->tokens.emplace_back(make_failure(ec::unavailable, "nobody"));
  auto first = handle();
  REQUIRE(first);
  CHECK(first->decision == verdict::snooze);
  CHECK(first->delay == 500ms);
  CHECK(stored_as<SyncHeldUp>().empty());
  auto second = handle(2);
  REQUIRE(second);
  CHECK(second->delay == 5s);
}

TEST_CASE_METHOD(fixture, "a token holder that is down delays the job",
                 "[sync]") {
  script->tokens.emplace_back(
    make_failure(ec::unavailable, "the store is away", 2s));
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::snooze);
  CHECK(result->delay == 2s);
  CHECK(script->fetched.empty());
}
