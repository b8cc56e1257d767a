#include "actors/api/freshness.hpp"

#include "actors/api/reconciler.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <numeric>

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

struct fixture : test::page_fixture {
  fixture() {
    add_athlete();
    CHECK(stores(last_page("history", 1, {1, 2, 3})));
  }

  /// The whole of a run of now in one page.
  page
  run_of_now(jobs::v1::SyncMode mode, const std::vector<std::int64_t>& ids) {
    auto result = last_page("run-" + std::to_string(++runs), 1, ids);
    result.set_mode(mode);
    result.set_run_started_at_ms(*now);
    return result;
  }

  page incremental(const std::vector<std::int64_t>& ids) {
    return run_of_now(jobs::v1::SYNC_MODE_INCREMENTAL, ids);
  }

  unix_ms fetched(std::int64_t id) {
    return activity_row(id)->fetched_at_ms;
  }

  int runs = 0;
};

/// A history of which one in ten may be deleted at once.
struct ten_activities : fixture {
  ten_activities() {
    CHECK(stores(last_page("whole", 1, all)));
  }

  page relist_of(const std::vector<std::int64_t>& ids) {
    return run_of_now(jobs::v1::SYNC_MODE_RELIST, ids);
  }

  static std::vector<std::int64_t> first(int count) {
    std::vector<std::int64_t> result(static_cast<std::size_t>(count));
    std::iota(result.begin(), result.end(), std::int64_t{1});
    return result;
  }

  bool is_missed(std::int64_t id) {
    return look([&](transaction& tx) { return tx.absences().get({id}); })
      .has_value();
  }

  std::vector<std::int64_t> all = first(10);
};

} // namespace

TEST_CASE_METHOD(ten_activities,
                 "a re-list that comes after a later incremental run deletes "
                 "nothing that both list",
                 "[ingest]") {
  pass(6h);
  auto late = relist_of(all);
  late.set_activities_json(7, json(8, "renamed for an hour"));
  // Strava's pages may overlap.
  late.add_activities_json(json(8, "renamed for an hour"));
  auto listed_at = *now;
  pass(1h);
  CHECK(stores(incremental({8, 9})));
  CHECK(stores(late));
  for (auto id : all) {
    CHECK_FALSE(activity_row(id)->deleted_at_ms);
    CHECK_FALSE(is_missed(id));
    CHECK(fetched(id) == listed_at);
  }
  CHECK(activity_row(8)->name == "Run");
  CHECK(activity_row(8)->raw == json(8));
}

TEST_CASE_METHOD(ten_activities,
                 "a late re-list leaves alone what is another's or deleted, "
                 "though a later incremental run lists its time",
                 "[ingest]") {
  pass(1h);
  CHECK(stores(relist_of(first(9))));
  REQUIRE(activity_row(10)->deleted_at_ms);
  auto before = fetched(10);
  add_athlete(who + 1);
  auto others = last_page("others", 1, {9});
  others.set_athlete_id(who + 1);
  others.set_activities_json(0, json(19));
  CHECK(stores(others));
  auto of_other = fetched(19);
  pass(5h);
  auto late = relist_of(all);
  late.add_activities_json(json(19));
  pass(1h);
  CHECK(stores(incremental({20, 9})));
  CHECK(stores(late));
  CHECK(activity_row(10)->deleted_at_ms);
  CHECK(fetched(10) == before);
  CHECK(fetched(19) == of_other);
}

TEST_CASE_METHOD(ten_activities,
                 "what a late re-list lacks but a later incremental run listed "
                 "comes back by the next one",
                 "[ingest]") {
  pass(6h);
  auto late = relist_of(first(8));
  late.add_activities_json(json(10));
  pass(1h);
  CHECK(stores(incremental({8, 9})));
  CHECK(stores(late));
  REQUIRE(activity_row(9)->deleted_at_ms);
  pass(1h);
  CHECK(stores(incremental({8, 9})));
  CHECK_FALSE(activity_row(9)->deleted_at_ms);
  CHECK(fetched(9) == *now);
}

TEST_CASE_METHOD(fixture,
                 "an incremental run leaves what did not change as it "
                 "is",
                 "[ingest]") {
  auto before = fetched(2);
  pass(6h);
  CHECK(stores(incremental({2, 3, 4})));
  CHECK(fetched(2) == before);
  CHECK(fetched(3) == before);
  CHECK(fetched(4) == *now);
}

TEST_CASE_METHOD(fixture,
                 "what the last re-list lacked and an incremental run "
                 "lists remembers it, once",
                 "[ingest]") {
  pass(6h);
  CHECK(stores(run_of_now(jobs::v1::SYNC_MODE_RELIST, {1, 2})));
  auto relisted = *now;
  CHECK(fetched(2) == relisted);
  pass(6h);
  CHECK(stores(incremental({2, 3})));
  CHECK(fetched(2) == relisted);
  CHECK(fetched(3) == *now);
  auto seen = *now;
  pass(6h);
  CHECK(stores(incremental({2, 3})));
  CHECK(fetched(3) == seen);
}

TEST_CASE_METHOD(fixture,
                 "a page that comes late does not undo what a later "
                 "run found unchanged",
                 "[ingest]") {
  pass(1h);
  auto late = incremental({1, 3});
  late.set_activities_json(0, json(1, "outside of what is listed later"));
  late.set_activities_json(1, json(3, "renamed for an hour"));
  late.add_activities_json(json(8));
  pass(1h);
  CHECK(stores(incremental({2, 3, 9})));
  CHECK(stores(late));
  CHECK(activity_row(3)->name == "Run");
  CHECK(activity_row(1)->name == "outside of what is listed later");
  // One that is new is not lost.
  CHECK(activity_row(8));
}

TEST_CASE_METHOD(fixture,
                 "runs that ended long ago are erased every hour, bit "
                 "by bit",
                 "[reconciler]") {
  for (auto i = 0; i < 5; ++i) {
    pass(24h);
    CHECK(stores(incremental({3})));
  }
  auto config = reconciler_config{};
  config.every = 30min;
  config.runs_max_age = 72h;
  config.erased_at_once = 1;
  auto uut = keep(system().spawn(reconciler, context(), store,
                                 std::shared_ptr<stravasync::bus>{bus}, relay,
                                 config));
  run();
  CHECK(run_row("run-1"));
  pass(30min);
  CHECK_FALSE(run_row("run-1"));
  CHECK_FALSE(run_row("run-2"));
  CHECK(run_row("run-3"));
  CHECK(run_row("history"));
  for (auto i = 0; i < 5; ++i)
    pass(24h);
  CHECK_FALSE(run_row("run-4"));
  CHECK(run_row("run-5"));
}
