#include "actors/worker/slots.hpp"

#include "actors/schedule_state.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

const auto hourly = schedule{"hourly", plan_every(1h, "every 1h")};
constexpr auto hour = unix_ms{3'600'000};
constexpr auto t0 = 500'000 * hour; // The start of a slot.

state::v1::ScheduleState state_of(unix_ms slot_ms, bool finished) {
  state::v1::ScheduleState result;
  result.set_slot_ms(slot_ms);
  result.set_finished(finished);
  return result;
}

query::v1::Athlete athlete(events::v1::SyncState state) {
  query::v1::Athlete result;
  result.set_id(7);
  result.set_newest_start_ms(1'000'500);
  result.mutable_sync()->set_state(state);
  return result;
}

} // namespace

TEST_CASE("slots are multiples of the interval", "[slots]") {
  const auto& [text, latest_by, next_after] = hourly.plan;
  CHECK(latest_by(t0) == t0);
  CHECK(latest_by(t0 + hour - 1) == t0);
  CHECK(latest_by(t0 + hour) == t0 + hour);
  CHECK(next_after(t0 - 1) == t0);
  CHECK(next_after(t0) == t0 + hour);
}

TEST_CASE("a schedule does what its slots ask for", "[slots]") {
  struct {
    const char* what;
    std::optional<state::v1::ScheduleState> found;
    std::optional<unix_ms> run;
  } const rows[] = {
    {"a new schedule waits for its next slot", {}, {}},
    {"a slot that is done is not run again", state_of(t0, true), {}},
    {"a new slot is run", state_of(t0 - hour, true), t0},
    {"many missed slots are one run", state_of(t0 - 100 * hour, true), t0},
    {"an unfinished run goes on", state_of(t0, false), t0},
    {"even if its slot is over", state_of(t0 - hour, false), t0 - hour},
    {"a clock that went back runs nothing", state_of(t0 + hour, true), {}},
    {"a run of the future does not go on", state_of(t0 + 9 * hour, false), {}},
  };
  for (const auto& row : rows)
    for (auto into : {unix_ms{0}, unix_ms{1}, hour - 1}) {
      INFO(row.what << ", " << into << " ms into the slot");
      auto decision = decide_slot(hourly, row.found, t0 + into);
      CHECK(decision.run == row.run);
      CHECK(decision.next_ms == t0 + hour);
    }
}

TEST_CASE("a slot beyond the next one is of a clock that was wrong",
          "[slots]") {
  for (auto finished : {true, false}) {
    auto ahead = [&](unix_ms slot_ms) {
      return decide_slot(hourly, state_of(slot_ms, finished), t0 + 1).ahead;
    };
    CHECK(ahead(t0 + 26'280 * hour));
    CHECK(ahead(t0 + hour + 1));
    CHECK_FALSE(ahead(t0 + hour));
    CHECK_FALSE(ahead(t0));
    CHECK_FALSE(ahead(t0 - 26'280 * hour));
  }
}

TEST_CASE("only athletes whose history is complete have scheduled runs",
          "[slots]") {
  using namespace events::v1;
  CHECK(wants_scheduled_run(athlete(SYNC_STATE_COMPLETE)));
  for (auto state :
       {SYNC_STATE_UNSPECIFIED, SYNC_STATE_QUEUED, SYNC_STATE_RUNNING,
        SYNC_STATE_WAITING, SYNC_STATE_FAILED, SYNC_STATE_NEEDS_REAUTH})
    CHECK_FALSE(wants_scheduled_run(athlete(state)));
}

TEST_CASE("an update that failed is not the last one", "[slots]") {
  using namespace events::v1;
  auto after = [](SyncState state, jobs::v1::SyncMode mode) {
    auto who = athlete(state);
    who.mutable_sync()->set_mode(mode);
    return wants_scheduled_run(who);
  };
  CHECK(after(SYNC_STATE_FAILED, jobs::v1::SYNC_MODE_INCREMENTAL));
  CHECK(after(SYNC_STATE_FAILED, jobs::v1::SYNC_MODE_RELIST));
  CHECK_FALSE(after(SYNC_STATE_FAILED, jobs::v1::SYNC_MODE_BACKFILL));
  CHECK_FALSE(after(SYNC_STATE_WAITING, jobs::v1::SYNC_MODE_INCREMENTAL));
  CHECK_FALSE(after(SYNC_STATE_NEEDS_REAUTH, jobs::v1::SYNC_MODE_RELIST));
}

TEST_CASE("a scheduled job is the same however often it is made", "[slots]") {
  auto who = athlete(events::v1::SYNC_STATE_COMPLETE);
  auto make = [&](unix_ms slot_ms) {
    return scheduled_job("hourly", jobs::v1::SYNC_MODE_INCREMENTAL, slot_ms,
                         who, 100, t0);
  };
  auto job = make(t0);
  CHECK(job.SerializeAsString() == make(t0).SerializeAsString());
  CHECK(job.run_id() == "hourly-7-1800000000000");
  CHECK(job.run_id() != make(t0 + hour).run_id());
  CHECK(job.page_number() == 1);
  CHECK(job.lane() == jobs::v1::LANE_BACKFILL);
  CHECK(job.run_started_at_ms() == t0);
  // From what is known, less the overlap.
  CHECK(job.position().after_s() == 900);
}

TEST_CASE("a schedule that does what it should is not behind", "[slots]") {
  auto state = state_of(t0, true);
  CHECK(lateness_of(hourly, state, t0 + hour).empty());
  CHECK(lateness_of(hourly, state, t0 + hour + 29'000).empty());
  state.set_next_slot_ms(t0 + hour);
  CHECK(lateness_of(state, t0 + hour + 29'000).empty());
}

TEST_CASE("a slot that passed without a run is told", "[slots]") {
  auto state = state_of(t0, true);
  auto late = t0 + hour + 95'000;
  CHECK(lateness_of(hourly, state, late)
        == "should have run 95 s ago, and did not");
  // Whoever has not the plan goes by what was announced.
  CHECK(lateness_of(state, late).empty());
  state.set_next_slot_ms(t0 + hour);
  CHECK(lateness_of(state, late) == "should have run 95 s ago, and did not");
  // An announcement that moves on without a run deceives nobody.
  state.set_next_slot_ms(t0 + 2 * hour);
  CHECK_FALSE(lateness_of(hourly, state, late).empty());
}

TEST_CASE("a last run that is ahead of now is told", "[slots]") {
  auto state = state_of(t0 + 24 * hour, true);
  state.set_next_slot_ms(t0 + hour);
  CHECK(lateness_of(hourly, state, t0)
        == "ran last at a time that is 24 h ahead of now");
}

TEST_CASE("a run that fails again and again is told with its reason",
          "[slots]") {
  auto state = state_of(t0, false);
  state.set_attempts(3);
  state.set_started_at_ms(t0);
  state.set_failed(true);
  state.set_last_error("no api node answers");
  CHECK(lateness_of(hourly, state, t0 + 20'000).empty());
  auto why = "has tried to run for 40 s, and fails: no api node answers";
  CHECK(lateness_of(hourly, state, t0 + 40'000) == why);
  // The next attempt is no end of it before it gets anywhere.
  state.set_failed(false);
  state.set_updated_at_ms(t0 + 40'000);
  CHECK(lateness_of(hourly, state, t0 + 40'000) == why);
  state.set_athletes_seen(50);
  CHECK(lateness_of(hourly, state, t0 + 40'000).empty());
}

TEST_CASE("a long run is fine while it goes on", "[slots]") {
  auto state = state_of(t0, false);
  state.set_attempts(1);
  state.set_started_at_ms(t0);
  state.set_updated_at_ms(t0 + 2 * hour);
  CHECK(lateness_of(hourly, state, t0 + 2 * hour + 20'000).empty());
  CHECK(lateness_of(hourly, state, t0 + 2 * hour + 300'000)
        == "has a run that stands still for 5 min");
}
