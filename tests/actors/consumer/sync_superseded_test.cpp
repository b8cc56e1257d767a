#include "tests/actors/consumer/sync_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace jobs::v1;
using verdict = outcome::verdict;

namespace {

/// Scheduled updates of athlete 7, in JOBS one after the other.
struct fixture : test::sync_fixture {
  fixture() {
    job = update("u1");
  }

  static SyncAthlete update(const std::string& run) {
    SyncAthlete result;
    result.set_athlete_id(7);
    result.set_run_id(run);
    result.set_mode(SYNC_MODE_INCREMENTAL);
    result.set_lane(LANE_BACKFILL);
    result.set_page_number(1);
    result.mutable_position()->set_page(1);
    result.mutable_position()->set_after_s(1'000);
    return result;
  }

  void put(const SyncAthlete& what) {
    bus->publish(make_envelope(what, {.message_id = page_message_id(
                                        what.run_id(), what.page_number())}),
                 [](auto&&) {});
  }

  /// Delivers `job`, whose message has `sequence` and `pending` behind it.
  /// @returns whether a call to Strava was made for it.
  bool fetches(std::uint64_t sequence, std::uint64_t pending = 1,
               std::uint32_t delivered = 1) {
    auto before = script->fetched.size();
    auto what = *delivery_of_job(delivered);
    what.sequence = sequence;
    what.pending = pending;
    auto result = ask<outcome>(
      uut, handle_delivery{std::make_shared<const delivery>(std::move(what))});
    REQUIRE(result);
    CHECK(result->decision == verdict::ack);
    return script->fetched.size() > before;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "of updates that piled up only the last calls Strava",
                 "[sync]") {
  for (auto slot = 1; slot <= 5; ++slot)
    put(update("u" + std::to_string(slot)));
  for (auto slot = 1; slot <= 5; ++slot) {
    job = update("u" + std::to_string(slot));
    auto sequence = static_cast<std::uint64_t>(slot);
    CHECK(fetches(sequence, 5 - sequence) == (slot == 5));
  }
}

TEST_CASE_METHOD(fixture, "an update behind which nothing waits looks for none",
                 "[sync]") {
  put(update("u1"));
  CHECK(fetches(1, 0));
  CHECK(bus->calls("last jobs") == 0);
}

TEST_CASE_METHOD(fixture, "no update is left to a job that lists less",
                 "[sync]") {
  put(job);
  auto later = update("u2");
  SECTION("from a later time on") {
    later.mutable_position()->set_after_s(1'001);
  }
  SECTION("because it goes on where a page ended") {
    later.set_page_number(2);
  }
  SECTION("or in another way") {
    later.set_mode(SYNC_MODE_RELIST);
  }
  put(later);
  CHECK(fetches(1));
}

TEST_CASE_METHOD(fixture, "what somebody waits for is not left to the schedule",
                 "[sync]") {
  SECTION("an update that a person asked for") {
    job.set_lane(LANE_USER);
  }
  SECTION("a re-list") {
    job.set_mode(SYNC_MODE_RELIST);
  }
  SECTION("a history") {
    job.set_mode(SYNC_MODE_BACKFILL);
  }
  SECTION("a page after the first") {
    job.set_page_number(2);
  }
  put(job);
  auto later = job;
  later.set_run_id("u2");
  later.set_lane(LANE_BACKFILL);
  put(later);
  CHECK(fetches(1));
}

TEST_CASE_METHOD(fixture,
                 "a scheduled update is left to one that a person asked for",
                 "[sync]") {
  put(job);
  auto later = update("u2");
  later.set_lane(LANE_USER);
  put(later);
  CHECK_FALSE(fetches(1));
}

TEST_CASE_METHOD(fixture, "an update that was begun before is done", "[sync]") {
  put(update("u1"));
  put(update("u2"));
  CHECK(fetches(1, 1, 2));
}

TEST_CASE_METHOD(fixture,
                 "a job waits while the bus does not tell whether it is needed",
                 "[sync]") {
  put(update("u1"));
  put(update("u2"));
  bus->fail("last", make_failure(ec::unavailable, "the bus is down"));
  auto what = *delivery_of_job(1);
  what.pending = 1;
  auto result = ask<outcome>(
    uut, handle_delivery{std::make_shared<const delivery>(std::move(what))});
  REQUIRE(result);
  CHECK(result->decision == verdict::snooze);
}
