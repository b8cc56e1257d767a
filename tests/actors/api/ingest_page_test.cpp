#include "actors/api/ingest_writer.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "messages/redriven.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

using fixture = test::page_fixture;

std::vector<std::int64_t>
ids_of(const google::protobuf::RepeatedField<std::int64_t>& ids) {
  return {ids.begin(), ids.end()};
}

} // namespace

TEST_CASE_METHOD(fixture, "a page is stored once though delivered twice",
                 "[ingest]") {
  add_athlete();
  auto one = make_page("r", 1, {1, 2});
  CHECK(stores(one));
  CHECK(stores(one));
  CHECK(activities_stored() == 2);
  CHECK(run_row("r")->pages_stored == 1);
  CHECK(run_row("r")->activities_listed == 2);
  auto facts = published<events::v1::ActivityStored>();
  REQUIRE(facts.size() == 1);
  CHECK(ids_of(facts[0].created_ids()) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE_METHOD(fixture, "an activity keeps Strava's bytes", "[ingest]") {
  add_athlete();
  auto one = make_page("r", 1, {1});
  CHECK(stores(one));
  auto row = activity_row(1);
  REQUIRE(row);
  CHECK(row->raw == one.activities_json(0));
  CHECK(row->athlete_id == who);
  CHECK(row->fetched_at_ms == *now);
}

TEST_CASE_METHOD(fixture, "a run is complete once all its pages are there",
                 "[ingest]") {
  add_athlete();
  auto pages = std::vector{make_page("r", 1, {1}), make_page("r", 2, {2}),
                           last_page("r", 3, {3})};
  auto order = std::vector<std::size_t>{};
  SECTION("in order") {
    order = {0, 1, 2};
  }
  SECTION("the last one first") {
    order = {2, 0, 1};
  }
  SECTION("backwards") {
    order = {2, 1, 0};
  }
  for (auto i = std::size_t{0}; i < order.size(); ++i) {
    CHECK(stores(pages[order[i]]));
    auto complete = i + 1 == order.size();
    CHECK((run_row("r")->state == events::v1::SYNC_STATE_COMPLETE) == complete);
    CHECK((run_row("r")->finished_at_ms == *now) == complete);
  }
  CHECK(run_row("r")->pages_total == 3);
  auto told = published<events::v1::SyncProgressed>();
  REQUIRE(told.size() == 3);
  CHECK(told[2].status().state() == events::v1::SYNC_STATE_COMPLETE);
  CHECK(told[2].status().activities_stored() == 3);
}

TEST_CASE_METHOD(fixture, "a run remembers the job after its furthest page",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(make_page("r", 2, {2})));
  CHECK(stores(make_page("r", 1, {1})));
  jobs::v1::SyncAthlete job;
  REQUIRE(job.ParseFromString(run_row("r")->next_job));
  CHECK(job.page_number() == 3);
}

TEST_CASE_METHOD(fixture, "an older answer never overwrites a newer one",
                 "[ingest]") {
  add_athlete();
  auto older = make_page("old", 1, {});
  older.add_activities_json(json(1, "Old name"));
  pass(1s);
  auto newer = make_page("new", 1, {});
  newer.add_activities_json(json(1, "New name"));
  CHECK(stores(newer));
  CHECK(stores(older));
  CHECK(activity_row(1)->name == "New name");
  CHECK(activity_row(1)->fetched_at_ms == *now);
  CHECK(published<events::v1::ActivityStored>().size() == 1);
}

TEST_CASE_METHOD(fixture, "the athlete remembers the newest start",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(make_page("r", 1, {4, 5})));
  CHECK(stores(make_page("r", 2, {1, 2})));
  auto found = look([](transaction& tx) { return tx.athletes().get({who}); });
  CHECK(found->newest_start_ms == activity_row(5)->start_at_ms);
}

TEST_CASE_METHOD(fixture, "a re-list deletes what it did not see, at its end",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(last_page("first", 1, {1, 2, 3, 4, 5, 6})));
  pass(1h);
  auto first = make_page("again", 1, {1, 2, 3});
  first.set_mode(jobs::v1::SYNC_MODE_RELIST);
  pass(1s);
  auto second = last_page("again", 2, {4, 5});
  second.set_mode(jobs::v1::SYNC_MODE_RELIST);
  CHECK(stores(second));
  CHECK(activities_stored() == 6);
  CHECK(stores(first));
  CHECK(activities_stored() == 5);
  // When the re-list began, in whatever order its pages came.
  CHECK(activity_row(6)->deleted_at_ms == first.fetched_at_ms());
  auto facts = published<events::v1::ActivityStored>();
  CHECK(ids_of(facts.back().deleted_ids()) == std::vector<std::int64_t>{6});
}

TEST_CASE_METHOD(fixture, "what comes back in a later list is live again",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(last_page("first", 1, {1, 2, 3, 4, 5})));
  pass(1h);
  CHECK(stores(relist("again", {1, 2, 3, 4})));
  CHECK(activities_stored() == 4);
  pass(1h);
  CHECK(stores(relist("third", {1, 2, 3, 4, 5})));
  CHECK(activities_stored() == 5);
}

TEST_CASE_METHOD(fixture, "a re-list that misses too many deletes none",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(last_page("first", 1, {1, 2, 3, 4, 5, 6})));
  pass(1h);
  CHECK(stores(relist("again", {1, 2, 3, 4})));
  CHECK(activities_stored() == 6);
  auto run = run_row("again");
  CHECK(run->state == events::v1::SYNC_STATE_COMPLETE);
  CHECK(run->reason.starts_with("2 of 6 activities were missing"));
}

TEST_CASE_METHOD(fixture,
                 "what came during a re-list by a node whose clock is behind "
                 "is not deleted",
                 "[ingest]") {
  add_athlete();
  writer = keep(system().spawn(
    ingest_writer, context(), store,
    std::shared_ptr<const strava_decoder>{strava::make_decoder()}, relay,
    ingest_config{.deletions = {.share_from = 0, .clock_skew_max = 30s},
                  .durable = "api__page"}));
  CHECK(stores(last_page("r", 1, {1, 2, 3, 4, 5})));
  pass(1h);
  auto uploaded = last_page("late", 1, {6});
  uploaded.set_fetched_at_ms(*now - 20'000);
  CHECK(stores(uploaded));
  CHECK(stores(relist("first", {1, 2, 3, 4, 5})));
  CHECK(activities_stored() == 6);
  pass(1h);
  CHECK(stores(relist("second", {1, 2, 3, 4, 5})));
  CHECK(activities_stored() == 5);
}

TEST_CASE_METHOD(fixture, "a backfill deletes nothing", "[ingest]") {
  add_athlete();
  CHECK(stores(last_page("first", 1, {1, 2})));
  pass(1h);
  CHECK(stores(last_page("second", 1, {1})));
  CHECK(activities_stored() == 2);
}

TEST_CASE_METHOD(fixture, "the page of a disconnected athlete is dropped",
                 "[ingest]") {
  CHECK(stores(make_page("r", 1, {1})));
  CHECK_FALSE(run_row("r"));
  CHECK_FALSE(activity_row(1));
  CHECK(bus->calls("publish") == 0);
}

TEST_CASE_METHOD(fixture, "a page waits while the store is down, or denies it",
                 "[ingest]") {
  add_athlete();
  *down_as = GENERATE(ec::unavailable, ec::denied);
  auto one = make_page("r", 1, {1});
  *no_writes = true;
  auto got = hand(writer, one);
  CHECK(got.decision == verdict::snooze);
  CHECK(got.delay > 0ms);
  *no_writes = false;
  CHECK(stores(one));
  CHECK(activities_stored() == 1);
}

TEST_CASE_METHOD(fixture, "what is no page becomes a dead letter", "[ingest]") {
  add_athlete();
  CHECK(hand(writer, events::v1::SyncHeldUp{}).decision
        == verdict::dead_letter);
  CHECK(hand(writer, make_page("r", 0, {1})).decision == verdict::dead_letter);
  CHECK(hand(writer, make_page("", 1, {1})).decision == verdict::dead_letter);
  CHECK(activities_stored() == 0);
}
