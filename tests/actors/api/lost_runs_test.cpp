#include "actors/api/lost_runs.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto now = unix_ms{1'700'000'000'000};

/// A backfill with so many pages stored, which goes on with page `next`.
sync_run run_with(std::int64_t pages, std::uint32_t next) {
  sync_run run;
  run.id = "backfill-7-1";
  run.athlete_id = 7;
  run.mode = jobs::v1::SYNC_MODE_BACKFILL;
  run.state = events::v1::SYNC_STATE_RUNNING;
  run.updated_at_ms = now;
  run.pages_stored = pages;
  jobs::v1::SyncAthlete job;
  job.set_run_id(run.id);
  job.set_page_number(next);
  if (next > 0)
    run.next_job = job.SerializeAsString();
  return run;
}

/// Of a run that was touched a moment ago.
run_verdict
judge(const sync_run& run, const run_traces& traces, const run_movers& movers) {
  return judge_run(run, traces, movers, {now, 60s});
}

stream_state stream(const std::string& name, const std::string& durable,
                    std::uint64_t settled_to) {
  stream_state result;
  result.config.name = name;
  result.first_sequence = 3;
  result.last_sequence = 9;
  result.durables.push_back({.name = durable,
                             .pending = 1,
                             .ack_pending = 2,
                             .settled_to = settled_to});
  return result;
}

} // namespace

TEST_CASE("a run goes on while its job or a page of it waits", "[lost_runs]") {
  run_movers movers{.jobs_settled_to = 10, .pages_settled_to = 20};
  auto run = run_with(2, 3);
  CHECK(judge(run, {.job = 11}, movers) == run_verdict::goes_on);
  CHECK(judge(run, {.job = 10, .page = 21, .page_number = 3}, movers)
        == run_verdict::goes_on);
  CHECK(judge(run, {.page = 21, .page_number = 3}, movers)
        == run_verdict::goes_on);
}

TEST_CASE("a run is lost once nothing of it waits", "[lost_runs]") {
  run_movers movers{.jobs_settled_to = 10, .pages_settled_to = 20};
  CHECK(judge(run_with(2, 3), {}, movers) == run_verdict::lost);
  CHECK(judge(run_with(0, 0), {}, movers) == run_verdict::lost);
  // Given up, though nobody heard of it.
  CHECK(judge(run_with(2, 3), {.job = 10, .page = 20, .page_number = 2}, movers)
        == run_verdict::lost);
}

TEST_CASE("what a consumer said of a run is waited for", "[lost_runs]") {
  run_movers movers{.jobs_settled_to = 10, .words_wait = true};
  CHECK(judge(run_with(2, 3), {.job = 10}, movers) == run_verdict::goes_on);
  CHECK(judge(run_with(2, 3), {}, movers) == run_verdict::lost);
  // Not for ever: there may always be one of some other run.
  CHECK(judge_run(run_with(2, 3), {.job = 10}, movers, {now + 60'000, 60s})
        == run_verdict::lost);
}

TEST_CASE("a job waits for sure if it was not delivered, or if all that were "
          "are unsettled",
          "[lost_runs]") {
  auto run = run_with(2, 3);
  run_patience never{now + 100 * 86'400'000LL, 1s};
  run_movers movers{
    .jobs_settled_to = 10, .jobs_delivered_to = 14, .jobs_unsettled = 4};
  CHECK_FALSE(job_waits(run, 10, movers, never));
  CHECK(job_waits(run, 11, movers, never));
  CHECK(job_waits(run, 14, movers, never));
  CHECK(job_waits(run, 15, movers, never));
  // One of the four was settled.
  movers.jobs_unsettled = 3;
  CHECK_FALSE(job_waits(run, 14, movers, never));
  CHECK(job_waits(run, 15, movers, never));
}

TEST_CASE("a job among settled ones is believed for a while after it was to "
          "come back",
          "[lost_runs]") {
  auto run = run_with(2, 3);
  run_movers movers{.jobs_delivered_to = 4, .jobs_unsettled = 1};
  auto waits_at = [&](unix_ms at) {
    return job_waits(run, 4, movers, {at, 60s});
  };
  CHECK(waits_at(now + 59'999));
  CHECK_FALSE(waits_at(now + 60'000));
  constexpr auto hour = unix_ms{3'600'000};
  run.resumes_at_ms = now + 8 * hour;
  CHECK(waits_at(now + 60'000));
  CHECK(waits_at(now + 8 * hour + 59'999));
  CHECK_FALSE(waits_at(now + 8 * hour + 60'000));
  // Nobody waits for years: a clock was wrong.
  run.resumes_at_ms = now + 10'000 * hour;
  CHECK_FALSE(waits_at(now + 60'000));
}

TEST_CASE("a page that is stored is not waited for", "[lost_runs]") {
  run_movers movers{.jobs_settled_to = 10, .pages_settled_to = 20};
  // Another athlete's holds the mark back.
  CHECK(judge(run_with(2, 3), {.job = 10, .page = 25, .page_number = 2}, movers)
        == run_verdict::lost);
}

TEST_CASE("a run that misses a page cannot go on", "[lost_runs]") {
  run_movers movers{.jobs_settled_to = 10, .pages_settled_to = 20};
  SECTION("one before the last") {
    CHECK(judge(run_with(2, 4), {}, movers) == run_verdict::torn);
  }
  SECTION("one before the end") {
    CHECK(judge(run_with(2, 0), {}, movers) == run_verdict::torn);
  }
  SECTION("one that was refused and is not fetched again") {
    CHECK(judge(run_with(2, 3), {.page = 20, .page_number = 3}, movers)
          == run_verdict::torn);
  }
  SECTION("the row does not tell where it goes on") {
    auto run = run_with(2, 3);
    run.next_job = "\x01";
    CHECK(judge(run, {}, movers) == run_verdict::torn);
  }
}

TEST_CASE("a run is still when no clock can have touched it lately",
          "[lost_runs]") {
  auto run = run_with(1, 2);
  CHECK_FALSE(is_still(run, now, 5s));
  CHECK_FALSE(is_still(run, now + 4'999, 5s));
  CHECK(is_still(run, now + 5'000, 5s));
  // The clock was ahead when it was touched.
  CHECK_FALSE(is_still(run, now - 4'999, 5s));
  CHECK(is_still(run, now - 5'000, 5s));
  run.state = events::v1::SYNC_STATE_FAILED;
  CHECK_FALSE(is_still(run, now + 5'000, 5s));
}

TEST_CASE("a durable that is not there has settled nothing", "[lost_runs]") {
  auto movers
    = movers_of({stream("JOBS", "c__jobs", 7), stream("INGEST", "x", 8)},
                "c__jobs", "a__pages", "a__words");
  CHECK(movers.jobs_settled_to == 7);
  CHECK(movers.jobs_delivered_to == 8);
  CHECK(movers.jobs_unsettled == 2);
  CHECK(movers.pages_settled_to == 0);
  CHECK_FALSE(movers.words_wait);
  CHECK(movers.first_job == 3);
  CHECK(movers.last_job == 9);
}

TEST_CASE("a durable that does not answer may have words", "[lost_runs]") {
  auto events = stream("EVENTS", "x", 8);
  events.all_answered = false;
  CHECK(movers_of({events}, "c__jobs", "a__pages", "a__words").words_wait);
}

TEST_CASE("a run without a page begins as its mode does", "[lost_runs]") {
  auto run = run_with(0, 0);
  run.mode = jobs::v1::SYNC_MODE_INCREMENTAL;
  athlete whose{.id = 7, .newest_start_ms = now - 86'400'000};
  auto job = next_job_of(run, whose, 100, now);
  REQUIRE(job);
  CHECK(job->run_id() == run.id);
  CHECK(job->page_number() == 1);
  CHECK(job->position().after_s() == now / 1'000 - 86'400 - 100);
  CHECK_FALSE(next_job_of(run_with(1, 0), whose, 100, now));
}
