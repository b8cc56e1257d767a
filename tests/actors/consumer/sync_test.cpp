#include "actors/consumer/sync.hpp"

#include "tests/actors/consumer/sync_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using fixture = test::sync_fixture;
using lines = std::vector<std::string>;
using verdict = outcome::verdict;
using events::v1::SyncHeldUp;
using ingest::v1::ActivitiesPage;
using jobs::v1::SyncAthlete;

namespace {

activities_response full_page() {
  return {{{2, 2'000, R"({"id":2})"}, {1, 1'000, R"({"id":1})"}}};
}

} // namespace

TEST_CASE_METHOD(fixture,
                 "a page is stored, then the job that goes on, then "
                 "the job is done",
                 "[sync]") {
  script->pages.emplace_back(full_page());
  bus->hold("publish");
  auto answer = ask_later<outcome>(uut, handle_delivery{delivery_of_job(1)});
  run();
  CHECK(bus->take_log()
        == lines{"last ingest.activities.7.r",
                 "publish ingest.activities.7.r r/1"});
  bus->release_one();
  run();
  CHECK(bus->take_log() == lines{"publish jobs.sync_athlete.7 r/2"});
  CHECK_FALSE(answer.came());
  bus->release();
  run();
  REQUIRE(answer.came());
  REQUIRE_FALSE(answer.error());
  CHECK((**answer.slot)->decision == verdict::ack);
}

TEST_CASE_METHOD(fixture,
                 "a page holds Strava's JSON untouched and the job "
                 "that goes on",
                 "[sync]") {
  script->pages.emplace_back(full_page());
  handle();
  auto pages = stored_as<ActivitiesPage>();
  REQUIRE(pages.size() == 1);
  CHECK(pages[0].page_number() == 1);
  CHECK(pages[0].fetched_at_ms() == t0);
  CHECK(pages[0].run_started_at_ms() == t0 - 5);
  REQUIRE(pages[0].activities_json_size() == 2);
  CHECK(pages[0].activities_json(0) == R"({"id":2})");
  auto next = stored_as<SyncAthlete>();
  REQUIRE(next.size() == 1);
  CHECK(next[0].SerializeAsString() == pages[0].next().SerializeAsString());
  CHECK(next[0].page_number() == 2);
  CHECK(next[0].run_id() == "r");
  CHECK(next[0].lane() == jobs::v1::LANE_USER);
  CHECK(next[0].position().before_s() == 1'001);
  CHECK(next[0].position().seen_ids_size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a request is sent for the job's position with the "
                 "athlete's token",
                 "[sync]") {
  job.mutable_position()->set_before_s(1'001);
  handle();
  REQUIRE(script->fetched.size() == 1);
  CHECK(script->fetched[0].request.access_token == "token");
  CHECK(script->fetched[0].request.position.before_s() == 1'001);
  CHECK(script->fetched[0].request.per_page == 2);
  CHECK(script->fetched[0].lane == jobs::v1::LANE_USER);
}

TEST_CASE_METHOD(fixture, "the last page of a run has no job after it",
                 "[sync]") {
  script->pages.emplace_back(activities_response{});
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  auto pages = stored_as<ActivitiesPage>();
  REQUIRE(pages.size() == 1);
  CHECK_FALSE(pages[0].has_next());
  CHECK(pages[0].activities_json_size() == 0);
  CHECK(stored_as<SyncAthlete>().empty());
}

TEST_CASE_METHOD(fixture, "messages name the job that led to them", "[sync]") {
  script->pages.emplace_back(full_page());
  handle();
  for (const auto& one : bus->stored(""))
    CHECK(one.header_or_empty(header::cause) == "r/1");
}

TEST_CASE_METHOD(fixture, "a page that is in the stream is not fetched again",
                 "[sync]") {
  store_page(1, 2);
  auto result = handle(2);
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  CHECK(script->fetched.empty());
  // Its own word for where the run goes on, not a new reckoning.
  auto next = stored_as<SyncAthlete>();
  REQUIRE(next.size() == 1);
  CHECK(next[0].position().before_s() == 4'711);
  CHECK(
    bus->take_log()
    == lines{"last ingest.activities.7.r", "publish jobs.sync_athlete.7 r/2"});
}

TEST_CASE_METHOD(fixture,
                 "a job that comes a second time as a message of its own "
                 "fetches nothing",
                 "[sync]") {
  script->pages.emplace_back(full_page());
  REQUIRE(handle());
  job.set_page_number(2);
  REQUIRE(handle());
  REQUIRE(script->fetched.size() == 2);
  auto stored = bus->stored("").size();
  // Published late, past what the stream remembers of message ids: by a
  // leader that was paused, or again by an operator.
  for (auto page : {1U, 2U}) {
    job.set_page_number(page);
    auto result = handle();
    REQUIRE(result);
    CHECK(result->decision == verdict::ack);
  }
  CHECK(script->fetched.size() == 2);
  CHECK(bus->stored("").size() == stored);
}

TEST_CASE_METHOD(fixture, "a run that is further than the job needs nothing",
                 "[sync]") {
  SECTION("a later page is stored") {
    store_page(1, 2);
    store_page(2, 3);
  }
  SECTION("this one was the last") {
    store_page(1, 0);
  }
  auto result = handle(2);
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  CHECK(script->fetched.empty());
  CHECK(stored_as<SyncAthlete>().empty());
}

TEST_CASE_METHOD(fixture, "a job delivered again whose page is missing is done",
                 "[sync]") {
  job.set_page_number(2);
  store_page(1, 2);
  auto result = handle(2);
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  CHECK(script->fetched.size() == 1);
  CHECK(stored_as<ActivitiesPage>().size() == 2);
}

TEST_CASE_METHOD(fixture,
                 "nothing is fetched while it is unknown whether the "
                 "page is there",
                 "[sync]") {
  bus->fail("last", make_failure(ec::unavailable, "the bus is down"));
  auto result = handle(2);
  REQUIRE(result);
  CHECK(result->decision == verdict::snooze);
  CHECK(result->delay == 500ms); // It hears of that when it is back.
  CHECK(script->fetched.empty());
}

TEST_CASE_METHOD(fixture, "a page that cannot be stored leaves the job to do",
                 "[sync]") {
  script->pages.emplace_back(full_page());
  SECTION("the page") {
    bus->fail("publish", make_failure(ec::full, "the disk is full", 3s));
    auto result = handle();
    REQUIRE(result);
    CHECK(result->decision == verdict::snooze);
    CHECK(result->delay == 3s);
    CHECK(stored_as<ActivitiesPage>().empty());
    CHECK(stored_as<SyncAthlete>().empty());
  }
  SECTION("the job that goes on") {
    bus->hold("publish");
    auto answer = ask_later<outcome>(uut, handle_delivery{delivery_of_job(1)});
    run();
    bus->fail("publish", make_failure(ec::full, "JOBS is full"));
    bus->release();
    run();
    REQUIRE(answer.came());
    REQUIRE_FALSE(answer.error());
    CHECK((**answer.slot)->decision == verdict::snooze);
    // The next delivery goes on where this one was.
    auto again = handle(2);
    REQUIRE(again);
    CHECK(again->decision == verdict::ack);
    CHECK(script->fetched.size() == 1);
    CHECK(stored_as<SyncAthlete>().size() == 1);
  }
}

TEST_CASE_METHOD(fixture, "what is no job becomes a dead letter", "[sync]") {
  SECTION("no athlete") {
    job.set_athlete_id(0);
  }
  SECTION("no run") {
    job.set_run_id("");
  }
  SECTION("no page") {
    job.set_page_number(0);
  }
  SECTION("a mode of a newer version") {
    job.set_mode(static_cast<stravasync::jobs::v1::SyncMode>(9));
  }
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::dead_letter);
  CHECK(result->reason.starts_with(
    "this stravasync.jobs.v1.SyncAthlete breaks a rule: "));
  CHECK(script->rejected.empty());
}

TEST_CASE_METHOD(fixture, "bytes that are no job become a dead letter",
                 "[sync]") {
  auto garbage = *delivery_of_job(1);
  garbage.message.payload = "\xff\xff";
  auto result = ask<outcome>(
    uut, handle_delivery{std::make_shared<const delivery>(garbage)});
  REQUIRE(result);
  CHECK(result->decision == verdict::dead_letter);
  CHECK(result->reason
        == "this is no well-formed stravasync.jobs.v1.SyncAthlete");
}

TEST_CASE_METHOD(fixture,
                 "a job that comes back from the dead letters fetches no page "
                 "twice",
                 "[sync]") {
  store_page(1, 2);
  auto again = *delivery_of_job(1);
  again.message.headers["Nats-Msg-Id"] = "redrive:5:jobs@JOBS:1";
  again.message.headers["Ss-Redriven-From"] = "5";
  auto result = ask<outcome>(
    uut, handle_delivery{std::make_shared<const delivery>(again)});
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  CHECK(script->fetched.empty());
  auto next = stored_as<jobs::v1::SyncAthlete>();
  REQUIRE(next.size() == 1);
  CHECK(next[0].page_number() == 2);
}

TEST_CASE_METHOD(fixture,
                 "a job that comes back from the dead letters fetches what is "
                 "missing",
                 "[sync]") {
  auto again = *delivery_of_job(1);
  again.message.headers["Ss-Redriven-From"] = "5";
  auto result = ask<outcome>(
    uut, handle_delivery{std::make_shared<const delivery>(again)});
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  CHECK(script->fetched.size() == 1);
}

TEST_CASE_METHOD(fixture, "a job that became a dead letter fails its run",
                 "[sync]") {
  CHECK_FALSE(tell(uut, delivery_buried{delivery_of_job(10), "502 again"}));
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state() == events::v1::SYNC_STATE_FAILED);
  CHECK(facts[0].reason() == "502 again");
  CHECK(facts[0].run_id() == "r");
  CHECK(facts[0].resumes_at_ms() == 0);
}
