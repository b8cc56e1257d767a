// What counts as an athlete's newest activity, and where an update begins.

#include "actors/api/records.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace stravasync;

namespace {

constexpr auto year_2033_ms = unix_ms{2'002'561'712'000};

struct fixture : test::page_fixture {
  page page_with(const std::string& start_date,
                 const std::vector<std::int64_t>& ids) {
    auto result = last_page("r", 1, ids);
    result.add_activities_json(R"({"id":9,"start_date":")" + start_date
                               + R"("})");
    return result;
  }

  athlete whose() {
    return *look([](transaction& tx) { return tx.athletes().get({who}); });
  }

  /// What a version wrote that did not look at clocks.
  void pretend_newest(unix_ms start_ms) {
    auto row = whose();
    row.newest_start_ms = start_ms;
    change([&](transaction& tx) { return tx.athletes().update(row); });
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "the newest activity is one that has happened",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("2033-06-16T19:08:32Z", {1, 2})));
  CHECK(activity_row(9)->start_at_ms == year_2033_ms);
  CHECK(whose().newest_start_ms == activity_row(2)->start_at_ms);
  CHECK(run_row("r")->newest_start_ms == *now);
}

TEST_CASE_METHOD(fixture, "a newest activity of the future is corrected",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("2033-06-16T19:08:32Z", {1, 2})));
  pretend_newest(year_2033_ms);
  CHECK(stores(make_page("later", 1, {})));
  CHECK(whose().newest_start_ms == activity_row(2)->start_at_ms);
}

TEST_CASE_METHOD(fixture,
                 "an update begins before what has happened, whatever is known "
                 "of the future",
                 "[ingest]") {
  constexpr auto day_s = std::int64_t{86'400};
  add_athlete();
  CHECK(stores(page_with("2033-06-16T19:08:32Z", {1, 2})));
  pretend_newest(year_2033_ms);
  change([&, row = whose()](transaction& tx) {
    return start_run(tx, row, {}, jobs::v1::SYNC_MODE_INCREMENTAL,
                     jobs::v1::LANE_USER, *now, day_s);
  });
  auto rows = look([](transaction& tx) { return tx.queries().unsent(100); });
  jobs::v1::SyncAthlete job;
  CHECK(std::ranges::any_of(
    rows, [&](const auto& row) { return decode(to_envelope(row), job); }));
  CHECK(job.position().after_s()
        == activity_row(2)->start_at_ms / 1'000 - day_s);
}

TEST_CASE_METHOD(fixture, "activities from before 1970 have a newest, too",
                 "[ingest]") {
  add_athlete();
  CHECK(stores(page_with("1969-12-31T23:59:59Z", {})));
  CHECK(run_row("r")->newest_start_ms == -1'000);
  CHECK(run_row("r")->oldest_start_ms == -1'000);
  CHECK(whose().newest_start_ms == -1'000);
}
