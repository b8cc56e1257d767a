#include "messages/events.pb.h"
#include "messages/jobs.pb.h"
#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

using names = std::vector<std::string>;

struct runs_fixture : store_fixture {
  runs_fixture() {
    for (auto id : {1, 2})
      write([id](auto& tx) { must(tx.athletes().create(make_athlete(id))); });
  }

  /// Adds a run that started and ended at that time.
  void add(const std::string& id, jobs::v1::SyncMode mode, unix_ms at_ms,
           events::v1::SyncState state = events::v1::SYNC_STATE_COMPLETE,
           std::int64_t athlete_id = 1) {
    auto run = make_run(id, athlete_id);
    run.mode = mode;
    run.state = state;
    run.started_at_ms = at_ms;
    run.finished_at_ms = state == events::v1::SYNC_STATE_RUNNING ? 0 : at_ms;
    write([&](auto& tx) {
      must(tx.sync_runs().create(run));
      must(tx.sync_pages().create(make_page(id, 1)));
    });
  }

  std::int64_t erase(unix_ms before_ms, std::uint32_t limit = 100) {
    auto erased = std::int64_t{0};
    write([&](auto& tx) {
      erased = must(tx.queries().erase_runs(before_ms, limit));
    });
    return erased;
  }

  names left() {
    auto result = names{};
    for (const auto& one :
         ask([](auto& tx) { return tx.sync_runs().list({}); }).items)
      result.push_back(one.id);
    std::ranges::sort(result);
    return result;
  }
};

constexpr auto history = jobs::v1::SYNC_MODE_BACKFILL;
constexpr auto incremental = jobs::v1::SYNC_MODE_INCREMENTAL;
constexpr auto relist = jobs::v1::SYNC_MODE_RELIST;
constexpr auto failed = events::v1::SYNC_STATE_FAILED;
constexpr auto running = events::v1::SYNC_STATE_RUNNING;

} // namespace

TEST_CASE_METHOD(runs_fixture,
                 "old runs go with their pages, a few at once, and "
                 "the newest complete ones of each mode stay") {
  add("h", history, 10);
  add("i1", incremental, 20);
  add("i2", incremental, 30);
  add("r1", relist, 40);
  add("i3", incremental, 50);
  add("r2", relist, 60);
  add("i4", incremental, 1'000);
  CHECK(erase(20) == 0);
  CHECK(erase(100, 2) == 2);
  CHECK(erase(100, 100) == 2);
  CHECK(erase(100) == 0);
  CHECK(left() == names{"h", "i4", "r2"});
  CHECK(ask([](auto& tx) { return tx.sync_pages().list({}); }).items.size()
        == 3);
}

TEST_CASE_METHOD(runs_fixture, "runs that go on stay, and failed ones until "
                               "there is a later one") {
  add("i1", incremental, 10);
  add("f2", incremental, 20, failed);
  add("f3", incremental, 30, failed);
  add("on", incremental, 40, running);
  add("other", incremental, 50, failed, 2);
  CHECK(erase(100) == 2);
  CHECK(left() == names{"i1", "on", "other"});
}

TEST_CASE_METHOD(runs_fixture, "an equal row is touched only if it was fetched "
                               "before the time given") {
  auto row = make_activity(1, 1);
  auto upsert = [&](unix_ms fetched_at_ms, unix_ms touch_before_ms) {
    row.fetched_at_ms = fetched_at_ms;
    auto done = upsert_result::created;
    write([&](auto& tx) {
      done = must(
        tx.activities().upsert_many(std::span{&row, 1}, touch_before_ms))[0];
    });
    return done;
  };
  auto stored = [this] {
    return ask([](auto& tx) { return tx.activities().get({std::int64_t{1}}); })
      ->fetched_at_ms;
  };
  CHECK(upsert(100, 0) == upsert_result::created);
  CHECK(upsert(200, 100) == upsert_result::unchanged);
  CHECK(stored() == 100);
  CHECK(upsert(200, 101) == upsert_result::unchanged);
  CHECK(stored() == 200);
  row.name = "renamed";
  CHECK(upsert(300, 0) == upsert_result::updated);
  CHECK(stored() == 300);
}

} // namespace stravasync::contract
