#include "actors/api/progress.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

namespace {

constexpr auto day_ms = unix_ms{86'400'000};
constexpr auto now = 20'000 * day_ms;

struct fixture {
  athlete whose{.id = 7,
                .scope = "read,activity:read_all,profile:read_all",
                .strava_created_at_ms = now - 1'000 * day_ms};
  sync_run run{.id = "r",
               .athlete_id = 7,
               .mode = jobs::v1::SYNC_MODE_BACKFILL,
               .state = events::v1::SYNC_STATE_RUNNING,
               .started_at_ms = now - 60'000};
};

} // namespace

TEST_CASE_METHOD(fixture, "the expected number stretches the covered span",
                 "[progress]") {
  run.newest_start_ms = now;
  run.oldest_start_ms = now - 250 * day_ms;
  run.activities_listed = 200;
  CHECK(expected_activities(whose, run, 200) == 800);
  CHECK(eta_s(run, 200, 800, now) == 180);
}

TEST_CASE_METHOD(fixture, "a complete run expects what is stored",
                 "[progress]") {
  run.state = events::v1::SYNC_STATE_COMPLETE;
  CHECK(expected_activities(whose, run, 312) == 312);
  CHECK(eta_s(run, 312, 312, now) == 0);
}

TEST_CASE_METHOD(fixture, "before the first page nothing is promised",
                 "[progress]") {
  CHECK(expected_activities(whose, run, 0) == 0);
  CHECK(eta_s(run, 0, 0, now) == -1);
}

TEST_CASE_METHOD(fixture, "activities older than the account are no surprise",
                 "[progress]") {
  run.newest_start_ms = now;
  run.oldest_start_ms = now - 2'000 * day_ms;
  run.activities_listed = 400;
  CHECK(expected_activities(whose, run, 400) == 400);
}

TEST_CASE_METHOD(fixture, "a run that waits takes at least that long",
                 "[progress]") {
  run.newest_start_ms = now;
  run.oldest_start_ms = now - 999 * day_ms;
  run.activities_listed = 200;
  run.state = events::v1::SYNC_STATE_WAITING;
  run.resumes_at_ms = now + 600'000;
  CHECK(eta_s(run, 200, 200, now) == 600);
}

TEST_CASE_METHOD(fixture, "without a run the scopes say what is to come",
                 "[progress]") {
  CHECK(status_of(whose, {}, now).state() == events::v1::SYNC_STATE_QUEUED);
  whose.scope = "read";
  CHECK(status_of(whose, {}, now).state()
        == events::v1::SYNC_STATE_NEEDS_REAUTH);
}

TEST_CASE("scopes that are missing are named", "[progress]") {
  CHECK(missing_scopes("read,activity:read_all,profile:read_all").empty());
  CHECK(missing_scopes("read,activity:read,profile:read_all")
        == std::vector<std::string>{"activity:read_all"});
  CHECK(missing_scopes("read").size() == 3);
  CHECK(may_list_activities("read,activity:read"));
  CHECK_FALSE(may_list_activities("read,profile:read_all"));
}
