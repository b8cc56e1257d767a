#include "tests/actors/worker/feeder_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

namespace {

constexpr auto durable = "consumer__stravasync_jobs_v1_SyncAthlete";
constexpr auto hour = unix_ms{3'600'000};

/// Five athletes, and consumers that have settled nothing.
struct fixture : feeder_fixture {
  fixture() {
    add_athletes(5);
    tell_durable(1, 0);
    stop(uut);
    uut = keep(system().spawn(
      feeder, context(), std::shared_ptr<stravasync::bus>{bus}, role,
      keep(system().spawn(scripted_athletes, athletes)),
      feeder_config{
        .publishers = 3, .athletes_page = 4, .jobs_durable = durable}));
  }

  void tell_durable(std::uint64_t pending, std::uint64_t settled_to) {
    bus->durables["JOBS"]
      = {{.name = durable, .pending = pending, .settled_to = settled_to}};
  }

  /// The newest run that the store knows of the athlete at `index`.
  void know(std::size_t index, unix_ms began_ms) {
    athletes->all[index].mutable_sync()->set_started_at_ms(began_ms);
  }

  fed_athletes feed_slot(unix_ms slot_ms, jobs::v1::SyncMode mode
                                          = jobs::v1::SYNC_MODE_INCREMENTAL) {
    *now = slot_ms;
    auto done = ask<fed_athletes>(uut, feed_athletes{"hourly", mode, slot_ms});
    REQUIRE(done);
    return *done;
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "slots that pass while no consumer runs leave one job an "
                 "athlete",
                 "[feeder]") {
  CHECK(feed_slot(t0).jobs_published == 5);
  for (auto slot = 1; slot < 5; ++slot)
    CHECK(feed_slot(t0 + slot * hour).jobs_published == 0);
  CHECK(jobs() == 5);
  CHECK(progress().athletes_seen() == 5);
  CHECK(progress().athletes_skipped() == 5);
}

TEST_CASE_METHOD(fixture,
                 "an athlete whose job was come to gets the next one while "
                 "others wait",
                 "[feeder]") {
  feed_slot(t0);
  know(1, t0);
  CHECK(feed_slot(t0 + hour).jobs_published == 1);
  CHECK(bus->stored("jobs.sync_athlete.2").size() == 2);
}

TEST_CASE_METHOD(fixture,
                 "a run that a person began after the slot hides no next one",
                 "[feeder]") {
  feed_slot(t0);
  // Of the slot's job the store cannot tell by its newest run.
  know(1, t0 + 1);
  CHECK(feed_slot(t0 + hour).jobs_published == 1);
}

TEST_CASE_METHOD(fixture, "what is settled does not wait", "[feeder]") {
  feed_slot(t0);
  tell_durable(2, 3);
  CHECK(feed_slot(t0 + hour).jobs_published == 3);
}

TEST_CASE_METHOD(fixture,
                 "with nothing waiting no athlete's jobs are looked at",
                 "[feeder]") {
  tell_durable(0, 0);
  feed_slot(t0);
  feed_slot(t0 + hour);
  CHECK(jobs() == 10);
  CHECK(bus->calls("last") == 0);
}

TEST_CASE_METHOD(fixture,
                 "a re-list is queued behind updates that wait, and an update "
                 "behind a re-list",
                 "[feeder]") {
  using namespace jobs::v1;
  feed_slot(t0);
  CHECK(feed_slot(t0 + hour, SYNC_MODE_RELIST).jobs_published == 5);
  CHECK(feed_slot(t0 + 2 * hour, SYNC_MODE_RELIST).jobs_published == 0);
  CHECK(feed_slot(t0 + 3 * hour).jobs_published == 5);
}

TEST_CASE_METHOD(fixture,
                 "an update that begins earlier is queued behind one that "
                 "waits",
                 "[feeder]") {
  for (auto& who : athletes->all)
    who.set_newest_start_ms(t0 - 3 * hour);
  feed_slot(t0);
  athletes->all[0].set_newest_start_ms(t0 - 4 * hour);
  athletes->all[1].set_newest_start_ms(t0 - 2 * hour);
  CHECK(feed_slot(t0 + hour).jobs_published == 1);
}

TEST_CASE_METHOD(fixture,
                 "an athlete of whose job nothing was heard for a day gets "
                 "another",
                 "[feeder]") {
  feed_slot(t0);
  CHECK(feed_slot(t0 + 23 * hour).jobs_published == 0);
  CHECK(feed_slot(t0 + 24 * hour).jobs_published == 5);
}

TEST_CASE_METHOD(fixture,
                 "a slot that is taken up again counts the jobs that it left",
                 "[feeder]") {
  bus->hold("put");
  auto first = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  bus->release_one(); // The claim.
  run();
  bus->fail("put", make_failure(ec::unavailable, "the bus is down"));
  bus->release();
  run();
  REQUIRE(first.came());
  CHECK(feed_slot(t0).jobs_published == 5);
  CHECK(jobs() == 5);
}

TEST_CASE_METHOD(fixture, "a run fails while it cannot be told what waits",
                 "[feeder]") {
  feed_slot(t0);
  auto down = make_failure(ec::unavailable, "the bus is down");
  SECTION("at all") {
    bus->fail("describe", down);
  }
  SECTION("of an athlete") {
    bus->fail("last", down);
  }
  feed_athletes what;
  what.schedule = "hourly";
  what.slot_ms = t0 + hour;
  auto done = ask<fed_athletes>(uut, what);
  REQUIRE_FALSE(done);
  CHECK(code_of(done.error()) == ec::unavailable);
  CHECK(jobs() == 5);
  CHECK(feed_slot(t0 + hour).jobs_published == 0);
}
