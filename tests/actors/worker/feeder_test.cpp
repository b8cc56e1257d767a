#include "tests/actors/worker/feeder_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace stravasync;
using lines = std::vector<std::string>;
using fixture = feeder_fixture;

TEST_CASE_METHOD(fixture,
                 "every athlete whose history is complete gets one "
                 "job",
                 "[feeder]") {
  add_athletes(3);
  athletes->all[1].mutable_sync()->set_state(events::v1::SYNC_STATE_RUNNING);
  auto done = feed();
  REQUIRE(done);
  CHECK(done->jobs_published == 2);
  std::vector<std::int64_t> ids;
  for (const auto& one : bus->stored("jobs.>")) {
    jobs::v1::SyncAthlete job;
    REQUIRE(decode(one, job));
    ids.push_back(job.athlete_id());
    CHECK(one.header_or_empty(header::message_id) == job.run_id() + "/1");
  }
  std::ranges::sort(ids);
  CHECK(ids == std::vector<std::int64_t>{1, 3});
}

TEST_CASE_METHOD(fixture, "a feeder without athletes is done at once",
                 "[feeder]") {
  auto done = feed();
  REQUIRE(done);
  CHECK(done->jobs_published == 0);
  CHECK(progress().finished());
}

TEST_CASE_METHOD(fixture, "athletes are asked for page by page", "[feeder]") {
  add_athletes(10);
  auto done = feed();
  REQUIRE(done);
  CHECK(done->jobs_published == 10);
  CHECK(athletes->cursors == lines{"", "4", "8"});
  CHECK(jobs() == 10);
}

TEST_CASE_METHOD(fixture,
                 "a run whose place in the list is not known any more starts "
                 "over",
                 "[feeder]") {
  add_athletes(6);
  athletes->failure = make_failure(ec::unavailable, "no database");
  REQUIRE_FALSE(feed());
  auto state = progress();
  state.set_athletes_cursor("4");
  state.set_jobs_published(4);
  bus->set(schedules_bucket, "hourly", state.SerializeAsString());
  athletes->failure = make_failure(ec::invalid_argument, "cursor: not ours");
  auto done = feed();
  REQUIRE(done);
  CHECK(done->jobs_published == 6);
  CHECK(athletes->cursors == lines{"", "4", "", "4"});
  CHECK(jobs() == 6);
  // Without a place it is no cursor that is refused.
  athletes->failure = make_failure(ec::invalid_argument, "limit");
  CHECK_FALSE(feed(t0 + 1));
}

TEST_CASE_METHOD(fixture, "each page is on the bus before its checkpoint",
                 "[feeder]") {
  add_athletes(6);
  bus->hold("put");
  auto answer = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  CHECK(jobs() == 0); // Not before it is claimed.
  bus->release_one();
  run();
  CHECK(jobs() == 4);
  CHECK(progress().athletes_cursor() == "4");
  CHECK(progress().jobs_published() == 4);
  CHECK(progress().started_at_ms() == t0);
  CHECK_FALSE(progress().finished());
  CHECK(athletes->cursors == lines{""});
  bus->release_one();
  *now += 500;
  run();
  CHECK(jobs() == 6);
  CHECK_FALSE(answer.came());
  bus->release();
  run();
  REQUIRE(answer.came());
  CHECK(progress().finished());
  CHECK(progress().finished_at_ms() == t0 + 500);
}

TEST_CASE_METHOD(fixture, "no more jobs are in flight than allowed",
                 "[feeder]") {
  add_athletes(4);
  bus->hold("publish");
  auto answer = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  CHECK(bus->held() == 3);
  bus->release_one();
  run();
  CHECK(bus->held() == 3);
  CHECK(bus->calls("put") == 1);
  bus->release();
  run();
  REQUIRE(answer.came());
  CHECK(jobs() == 4);
}

TEST_CASE_METHOD(fixture,
                 "a run that failed goes on at its checkpoint with "
                 "the same messages",
                 "[feeder]") {
  auto anew = GENERATE(false, true);
  add_athletes(10);
  auto down = make_failure(ec::unavailable, "the bus is down");
  bus->hold("put");
  auto first = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  bus->release_one(); // The claim.
  run();
  SECTION("when athletes cannot be asked for") {
    athletes->failure = down;
  }
  SECTION("when a job cannot be published") {
    bus->fail("publish", down);
  }
  SECTION("when the checkpoint cannot be written") {
    bus->fail("put", down);
  }
  bus->release();
  run();
  CHECK(code_of(first.error()) == ec::unavailable);
  CHECK(detail_of(first.error()) == "schedule hourly: the bus is down");
  CHECK(progress().athletes_cursor() == "4");
  CHECK(progress().jobs_published() == 4);
  CHECK(progress().failed());
  CHECK(progress().last_error() == "the bus is down");
  athletes->cursors.clear();
  if (anew) {
    stop(uut);
    uut = spawn_feeder();
  }
  auto done = feed();
  REQUIRE(done);
  CHECK(done->jobs_published == 10);
  CHECK(athletes->cursors == lines{"4", "8"});
  CHECK(jobs() == 10);
  CHECK(progress().attempts() == 2);
  CHECK(progress().athletes_seen() == 10);
  CHECK_FALSE(progress().failed());
}

TEST_CASE_METHOD(fixture, "the next slot begins with the first athlete",
                 "[feeder]") {
  add_athletes(5);
  REQUIRE(feed());
  REQUIRE(feed(t0 + 3'600'000));
  CHECK(athletes->cursors == lines{"", "4", "", "4"});
  CHECK(jobs() == 10);
  CHECK(progress().slot_ms() == t0 + 3'600'000);
  CHECK(progress().jobs_published() == 5);
}

TEST_CASE_METHOD(fixture, "without its checkpoint a run does not begin",
                 "[feeder]") {
  add_athletes(1);
  bus->fail("get", make_failure(ec::unavailable, "the bus is down"));
  CHECK(code_of(feed().error()) == ec::unavailable);
  CHECK(athletes->cursors.empty());
}

TEST_CASE_METHOD(fixture, "a run counts whom it saw and passed over",
                 "[feeder]") {
  add_athletes(6);
  athletes->all[1].mutable_sync()->set_state(events::v1::SYNC_STATE_RUNNING);
  athletes->all[5].mutable_sync()->set_state(events::v1::SYNC_STATE_FAILED);
  REQUIRE(feed());
  CHECK(progress().athletes_seen() == 6);
  CHECK(progress().athletes_skipped() == 2);
  CHECK(progress().jobs_published() == 4);
  CHECK(progress().attempts() == 1);
  CHECK(progress().leader() == "n1");
  CHECK(progress().leader_token() == 7);
}

TEST_CASE_METHOD(fixture, "finished runs are remembered, the newest first",
                 "[feeder]") {
  add_athletes(1);
  for (auto i = 0; i < history_max + 2; ++i)
    REQUIRE(feed(t0 + i));
  auto runs = progress().history();
  REQUIRE(runs.size() == history_max);
  CHECK(runs[0].slot_ms() == t0 + history_max + 1);
  CHECK(runs[0].state() == state::v1::RUN_STATE_FINISHED);
  CHECK(runs[history_max - 1].slot_ms() == t0 + 2);
}

TEST_CASE_METHOD(fixture, "a schedule has one run at a time", "[feeder]") {
  add_athletes(1);
  bus->hold("publish");
  auto first = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  auto second = feed(t0 + 1);
  REQUIRE_FALSE(second);
  CHECK(code_of(second.error()) == ec::conflict);
  // Another schedule has nothing to do with it.
  auto other = ask_later<fed_athletes>(
    uut, feed_athletes{"daily", jobs::v1::SYNC_MODE_RELIST, t0});
  bus->release();
  run();
  CHECK(first.came());
  CHECK(other.came());
  CHECK(feed(t0 + 1));
}
