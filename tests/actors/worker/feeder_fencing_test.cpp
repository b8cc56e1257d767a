#include "tests/actors/worker/feeder_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using fixture = feeder_fixture;

TEST_CASE_METHOD(fixture, "a node that does not lead begins no run",
                 "[feeder]") {
  add_athletes(1);
  role->revoke();
  CHECK(code_of(feed().error()) == ec::conflict);
  CHECK(bus->calls("get") + bus->calls("put") == 0);
}

TEST_CASE_METHOD(fixture, "who leads no more publishes no more", "[feeder]") {
  add_athletes(4);
  bus->hold("publish");
  auto answer = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  CHECK(jobs() == 3);
  role->revoke();
  bus->release();
  run();
  CHECK(code_of(answer.error()) == ec::conflict);
  CHECK(jobs() == 3);
  CHECK(bus->calls("put") == 1); // Its claim.
  CHECK(progress().athletes_cursor().empty());
}

TEST_CASE_METHOD(fixture, "what a later leader has begun is left alone",
                 "[feeder]") {
  add_athletes(1);
  state::v1::ScheduleState theirs;
  theirs.set_slot_ms(t0);
  theirs.set_attempts(1);
  theirs.set_leader_token(8);
  bus->set(schedules_bucket, "hourly", theirs.SerializeAsString());
  CHECK(code_of(feed().error()) == ec::conflict);
  theirs.set_leader_token(7);
  theirs.set_slot_ms(t0 + 1);
  bus->set(schedules_bucket, "hourly", theirs.SerializeAsString());
  CHECK(code_of(feed().error()) == ec::conflict);
  CHECK(jobs() == 0);
}

TEST_CASE_METHOD(fixture,
                 "a leader whose token is below what is written asks for a "
                 "higher one",
                 "[feeder]") {
  add_athletes(1);
  state::v1::ScheduleState theirs;
  theirs.set_slot_ms(t0 - 1);
  theirs.set_finished(true);
  theirs.set_leader_token(1'900'000'000); // By a clock that was ahead.
  bus->set(schedules_bucket, "hourly", theirs.SerializeAsString());
  CHECK(code_of(feed().error()) == ec::conflict);
  CHECK(role->outgrown() == 1'900'000'000);
  role->grant(role->outgrown() + 1, milliseconds{1});
  CHECK(feed());
  CHECK(jobs() == 1);
}

TEST_CASE_METHOD(fixture, "what cannot be a schedule's state is begun anew",
                 "[feeder]") {
  add_athletes(1);
  bus->set(schedules_bucket, "hourly", "\xff nonsense");
  CHECK(feed());
  CHECK(jobs() == 1);
}

TEST_CASE_METHOD(fixture, "a slot that is done is not run again", "[feeder]") {
  add_athletes(2);
  REQUIRE(feed());
  athletes->cursors.clear();
  auto again = feed();
  REQUIRE(again);
  CHECK(again->jobs_published == 2);
  CHECK(athletes->cursors.empty());
  CHECK(bus->calls("publish") == 2);
}

TEST_CASE_METHOD(fixture, "a checkpoint of the past is refused", "[feeder]") {
  add_athletes(6);
  bus->hold("publish");
  auto answer = ask_later<fed_athletes>(
    uut, feed_athletes{"hourly", jobs::v1::SYNC_MODE_INCREMENTAL, t0});
  run();
  // Another one claims the run; this one does not know yet.
  auto theirs = progress();
  theirs.set_leader_token(8);
  theirs.set_leader("n2");
  bus->set(schedules_bucket, "hourly", theirs.SerializeAsString());
  bus->release();
  run();
  CHECK(code_of(answer.error()) == ec::conflict);
  CHECK(progress().SerializeAsString() == theirs.SerializeAsString());
  CHECK(jobs() == 4);
}
