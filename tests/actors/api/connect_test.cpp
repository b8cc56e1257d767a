#include "tests/actors/api/connect_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace stravasync;

namespace {

using fixture = test::connect_fixture;
using test::hour_ms;
using test::is_refused;
using test::lifetime;

} // namespace

TEST_CASE_METHOD(fixture, "a consent brings athlete, tokens and a first run",
                 "[connect]") {
  auto back = begin();
  auto reply = finish(back, uut);
  CHECK_FALSE(reply.came());
  CHECK(oauth->calls == std::vector<std::string>{"exchange c1"});
  answer(grant());
  REQUIRE(reply.came());
  REQUIRE(**reply.slot);
  CHECK((**reply.slot)->name() == "Ada");
  CHECK(athlete_row()->scope == all_scopes);
  CHECK(athlete_row()->connected_at_ms == t0);
  CHECK(stored_access_token() == "a1");
  CHECK(newest_run()->state == events::v1::SYNC_STATE_QUEUED);
  CHECK(published<events::v1::AthleteConnected>().size() == 1);
  auto jobs = published<jobs::v1::SyncAthlete>();
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].mode() == jobs::v1::SYNC_MODE_BACKFILL);
  CHECK(jobs[0].lane() == jobs::v1::LANE_BACKFILL);
}

TEST_CASE_METHOD(fixture, "any node with the key finishes what one began",
                 "[connect]") {
  auto back = begin();
  stop(uut);
  auto reply = finish(back, start("n2", test::cipher_of(1)));
  answer(grant());
  CHECK(athlete_row());
  auto stranger = finish(back, start("n3", test::cipher_of(2)));
  CHECK(is_refused(stranger, "state: "));
}

TEST_CASE_METHOD(fixture, "a state is good until its very end", "[connect]") {
  auto back = begin();
  pass(lifetime - std::chrono::milliseconds{1});
  finish(back, uut);
  CHECK(oauth->open() == 1);
}

TEST_CASE_METHOD(fixture,
                 "what Strava says was granted counts, not what the "
                 "browser brings",
                 "[connect]") {
  auto answered = grant();
  answered.scope = "read profile:read_all";
  CHECK(go_round(answered, all_scopes).came());
  CHECK(athlete_row()->scope == "read,profile:read_all");
}

TEST_CASE_METHOD(fixture,
                 "a scope that is none is refused before Strava is "
                 "asked",
                 "[connect]") {
  auto back = begin();
  back.set_scope("read<script>");
  auto reply = finish(back, uut);
  CHECK(is_refused(reply, "scope: "));
  CHECK(oauth->calls.empty());
}

TEST_CASE_METHOD(fixture, "a consent without the right to list is said",
                 "[connect]") {
  CHECK(go_round(grant(), "read,profile:read_all").came());
  CHECK(athlete_row()->scope == "read,profile:read_all");
  auto refused = newest_run();
  REQUIRE(refused);
  CHECK(refused->state == events::v1::SYNC_STATE_NEEDS_REAUTH);
  CHECK(refused->reason.find("activity:read_all") != std::string::npos);
  CHECK(published<jobs::v1::SyncAthlete>().empty());
  pass(lifetime);
  CHECK(go_round(grant("2")).came());
  CHECK(newest_run()->state == events::v1::SYNC_STATE_QUEUED);
  CHECK(published<jobs::v1::SyncAthlete>().size() == 1);
}

TEST_CASE_METHOD(fixture,
                 "a right that was taken back is said, though the "
                 "last run was of a node whose clock is ahead",
                 "[connect]") {
  *now += hour_ms;
  CHECK(go_round(grant()).came());
  end_run(*newest_run(), events::v1::SYNC_STATE_COMPLETE);
  *now -= hour_ms;
  CHECK(go_round(grant("2"), "read").came());
  CHECK(newest_run()->state == events::v1::SYNC_STATE_NEEDS_REAUTH);
}

TEST_CASE_METHOD(fixture, "who connects again goes on where the history is",
                 "[connect]") {
  CHECK(go_round(grant(), "read,activity:read").came());
  auto first = *newest_run();
  pass(lifetime);
  SECTION("a run that goes on is left alone") {
    CHECK(go_round(grant("2")).came());
    CHECK(newest_run()->id == first.id);
    CHECK(published<jobs::v1::SyncAthlete>().size() == 1);
  }
  SECTION("a whole history needs only what is new") {
    end_run(first, events::v1::SYNC_STATE_COMPLETE);
    CHECK(go_round(grant("2"), "read,activity:read").came());
    CHECK(newest_run()->mode == jobs::v1::SYNC_MODE_INCREMENTAL);
  }
  SECTION("so does one whose last update failed") {
    end_run(first, events::v1::SYNC_STATE_COMPLETE);
    CHECK(go_round(grant("2"), "read,activity:read").came());
    end_run(*newest_run(), events::v1::SYNC_STATE_NEEDS_REAUTH);
    pass(lifetime);
    CHECK(go_round(grant("2"), "read,activity:read").came());
    CHECK(newest_run()->mode == jobs::v1::SYNC_MODE_INCREMENTAL);
    CHECK(published<jobs::v1::SyncAthlete>().size() == 3);
  }
  SECTION("more rights show more of it") {
    end_run(first, events::v1::SYNC_STATE_COMPLETE);
    CHECK(go_round(grant("2")).came());
    CHECK(newest_run()->mode == jobs::v1::SYNC_MODE_BACKFILL);
  }
  SECTION("a run that failed begins again") {
    end_run(first, events::v1::SYNC_STATE_FAILED);
    CHECK(go_round(grant("2")).came());
    CHECK(newest_run()->mode == jobs::v1::SYNC_MODE_BACKFILL);
    CHECK(newest_run()->id != first.id);
  }
  CHECK(athlete_row()->connected_at_ms == t0);
  CHECK(stored_access_token() == "a2");
}

TEST_CASE_METHOD(fixture,
                 "tokens stored by a clock that was years ahead do not outlive "
                 "a new consent",
                 "[connect]") {
  CHECK(go_round(grant("1")).came());
  change([&](transaction& tx) -> caf::error {
    auto stored = tx.credentials().get({who});
    if (!stored)
      return stored.error();
    (*stored)->expires_at_ms += 3 * 365 * unix_ms{86'400'000};
    ++(*stored)->version;
    return tx.credentials().update(**stored);
  });
  CHECK(go_round(grant("2")).came());
  CHECK(stored_access_token() == "a2");
}

TEST_CASE_METHOD(fixture, "of two consents at once the later tokens live",
                 "[connect]") {
  auto earlier = grant("1");
  pass(std::chrono::milliseconds{1});
  CHECK(go_round(grant("2")).came());
  pass(std::chrono::milliseconds{1});
  CHECK(go_round(earlier).came());
  CHECK(stored_access_token() == "a2");
}
