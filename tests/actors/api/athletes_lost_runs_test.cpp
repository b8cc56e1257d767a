#include "tests/actors/api/athletes_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using fixture = test::athletes_fixture;

TEST_CASE_METHOD(fixture, "a sync whose job was lost goes on when asked for",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  auto first = start_sync();
  REQUIRE(first);
  SECTION("the bus has forgotten it") {
    bus->lose("JOBS");
    auto second = start_sync();
    REQUIRE(second);
    CHECK(second->run_id() == first->run_id());
    CHECK(second->state() == events::v1::SYNC_STATE_QUEUED);
    auto jobs = published<jobs::v1::SyncAthlete>();
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].run_id() == first->run_id());
  }
  SECTION("the bus is away") {
    bus->fail("describe", make_failure(ec::unavailable, "no bus"));
    REQUIRE(start_sync());
    CHECK(published<jobs::v1::SyncAthlete>().size() == 1);
  }
}

TEST_CASE_METHOD(fixture, "a run that cannot go on is replaced when asked for",
                 "[athletes]") {
  add_tokens(t0 + 6 * test::hour_ms);
  add_run(events::v1::SYNC_STATE_RUNNING);
  // Its pages are known, where it goes on is not.
  change([&](transaction& tx) -> caf::error {
    auto run = **tx.sync_runs().get({std::string{"before"}});
    run.pages_stored = 2;
    return tx.sync_runs().update(run);
  });
  auto got = start_sync();
  REQUIRE(got);
  CHECK(got->run_id() != "before");
  CHECK(got->state() == events::v1::SYNC_STATE_QUEUED);
  CHECK(run_row("before")->state == events::v1::SYNC_STATE_FAILED);
}
