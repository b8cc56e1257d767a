#include "actors/api/freshness.hpp"

#include "actors/api/reconciler.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

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

} // namespace

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
