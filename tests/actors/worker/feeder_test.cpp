#include "actors/worker/feeder.hpp"

#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace stravasync;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

/// The athletes there are, in pages whose cursor is the index of the first.
struct athletes_script {
  std::vector<query::v1::Athlete> all;
  std::vector<std::string> cursors; // Asked for.
  caf::error failure;               // Instead of the next page.
};

query::v1::AthleteList
page_of(const athletes_script& script, const query::v1::ListAthletes& x) {
  auto begin = x.cursor().empty() ? 0 : std::stoul(x.cursor());
  auto end = std::min(begin + x.limit(), script.all.size());
  query::v1::AthleteList result;
  for (auto i = begin; i < end; ++i)
    *result.add_items() = script.all[i];
  if (end < script.all.size())
    result.set_next_cursor(std::to_string(end));
  return result;
}

athletes_actor::behavior_type
scripted_athletes(athletes_actor::pointer,
                  std::shared_ptr<athletes_script> script) {
  auto unasked = [] { return make_failure(ec::internal, "not asked for"); };
  return {
    [=](
      const query::v1::ListAthletes& x) -> caf::result<query::v1::AthleteList> {
      script->cursors.push_back(x.cursor());
      if (auto why = std::exchange(script->failure, {}))
        return why;
      return page_of(*script, x);
    },
    [=](const query::v1::GetAthlete&) -> caf::result<query::v1::Athlete> {
      return unasked();
    },
    [=](const query::v1::DisconnectAthlete&)
      -> caf::result<query::v1::Disconnected> { return unasked(); },
    [=](const query::v1::StartSync&) -> caf::result<events::v1::SyncStatus> {
      return unasked();
    },
    [=](const query::v1::GetSync&) -> caf::result<events::v1::SyncStatus> {
      return unasked();
    },
  };
}

/// Pages of four athletes, at most three publishes in flight.
struct fixture : test::actor_fixture {
  std::shared_ptr<athletes_script> athletes
    = std::make_shared<athletes_script>();
  feeder_actor uut = spawn_feeder();

  feeder_actor spawn_feeder() {
    return keep(
      system().spawn(feeder, context(), std::shared_ptr<stravasync::bus>{bus},
                     keep(system().spawn(scripted_athletes, athletes)),
                     feeder_config{.publishers = 3, .athletes_page = 4}));
  }

  void add_athletes(std::int64_t count) {
    for (auto id = 1; id <= count; ++id) {
      auto& who = athletes->all.emplace_back();
      who.set_id(id);
      who.mutable_sync()->set_state(events::v1::SYNC_STATE_COMPLETE);
    }
  }

  caf::expected<fed_athletes> feed(unix_ms slot_ms = t0) {
    feed_athletes what;
    what.schedule = "hourly";
    what.slot_ms = slot_ms;
    return ask<fed_athletes>(uut, what);
  }

  [[nodiscard]] state::v1::ScheduleState progress() const {
    state::v1::ScheduleState result;
    result.ParseFromString(bus->value(schedules_bucket, "hourly"));
    return result;
  }

  [[nodiscard]] std::size_t jobs() const {
    return bus->stored("jobs.>").size();
  }
};

} // namespace

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

TEST_CASE_METHOD(fixture, "each page is on the bus before its checkpoint",
                 "[feeder]") {
  add_athletes(6);
  bus->hold("put");
  auto answer = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
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
  CHECK(bus->calls("put") == 0);
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
