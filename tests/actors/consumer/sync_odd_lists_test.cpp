// What SYNC makes of lists that are none, in part or without end.

#include "actors/consumer/sync.hpp"
#include "tests/actors/consumer/sync_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using fixture = test::sync_fixture;
using verdict = outcome::verdict;
using events::v1::SyncHeldUp;
using ingest::v1::ActivitiesPage;
using jobs::v1::SyncAthlete;

TEST_CASE_METHOD(fixture,
                 "an answer that cannot be read costs its job an attempt each "
                 "time and is kept for the dead letter",
                 "[sync]") {
  for (auto delivered : {1U, 2U, 3U}) {
    activities_response answer;
    answer.unreadable = {.reason = "byte 70000 is \xff",
                         .excerpt = "a\xff",
                         .excerpt_at = 69'999,
                         .bytes = 80'000};
    script->pages.emplace_back(answer);
    auto result = handle(delivered);
    REQUIRE(result);
    CHECK(result->decision == verdict::retry);
    CHECK(result->reason == "byte 70000 is \xff");
    CHECK(
      result->kept
      == header_map{{"Ss-Unread", "61ff"}, {"Ss-Unread-At", "69999/80000"}});
  }
  CHECK(stored_as<ActivitiesPage>().empty());
}

TEST_CASE_METHOD(fixture,
                 "an answer that cannot be read says nothing about the service",
                 "[sync]") {
  script->pages.emplace_back(make_failure(ec::upstream_failed, "502"));
  CHECK(handle()->decision == verdict::retry);
  activities_response answer;
  answer.unreadable.emplace();
  script->pages.emplace_back(answer);
  CHECK(handle(2)->decision == verdict::retry);
  // The service answered in between.
  script->pages.emplace_back(make_failure(ec::upstream_failed, "502"));
  CHECK(handle(3)->decision == verdict::retry);
}

TEST_CASE_METHOD(fixture,
                 "an element that cannot be read goes to the stream like the "
                 "others",
                 "[sync]") {
  script->pages.emplace_back(
    activities_response{{{2, 2'000, R"({"id":2})"}, {0, {}, "null"}}, {}});
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  auto pages = stored_as<ActivitiesPage>();
  REQUIRE(pages.size() == 1);
  REQUIRE(pages[0].activities_json_size() == 2);
  CHECK(pages[0].activities_json(1) == "null");
  CHECK(pages[0].next().position().before_s() == 2'001);
  CHECK(pages[0].next().position().seen_digests_size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a run whose list does not go on is ended and says why",
                 "[sync]") {
  job.set_page_number(21);
  job.mutable_position()->set_page(21);
  job.mutable_position()->set_reached_s(1'000);
  job.mutable_position()->set_stalled_pages(19);
  auto result = handle();
  REQUIRE(result);
  CHECK(result->decision == verdict::ack);
  CHECK(stored_as<ActivitiesPage>().empty());
  CHECK(stored_as<SyncAthlete>().empty());
  auto facts = stored_as<SyncHeldUp>();
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].state() == events::v1::SYNC_STATE_FAILED);
  CHECK(facts[0].page_number() == 21);
  CHECK(facts[0].reason().starts_with(
    "Strava's list does not go on: 20 pages in a row"));
}

TEST_CASE_METHOD(fixture, "a run that is resumed and fails again says so again",
                 "[sync]") {
  job.mutable_position()->set_reached_s(1'000);
  job.mutable_position()->set_stalled_pages(19);
  REQUIRE(handle());
  auto again = *delivery_of_job(1);
  again.message.headers["Nats-Msg-Id"] = "r/1/resumed/5";
  REQUIRE(ask<outcome>(
    uut, handle_delivery{std::make_shared<const delivery>(again)}));
  CHECK(stored_as<SyncHeldUp>().size() == 2);
}
