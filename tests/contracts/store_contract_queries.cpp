#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

namespace stravasync::contract {

namespace {

using ids = std::vector<std::int64_t>;

struct query_fixture : store_fixture {
  query_fixture() {
    write([](transaction& tx) {
      must(tx.athletes().create(make_athlete()));
      must(tx.athletes().create(make_athlete(some_athlete + 1)));
      must(tx.activities().create(make_activity(900, some_athlete + 1)));
    });
  }

  void add(std::int64_t id, const std::string& sport, unix_ms local_ms,
           double distance_m, unix_ms fetched_at_ms = 1'000) {
    auto row = make_activity(id);
    row.sport_type = sport;
    row.start_local_at_ms = local_ms;
    row.distance_m = distance_m;
    row.moving_time_s = 60;
    row.total_elevation_gain_m = 0.5;
    row.fetched_at_ms = fetched_at_ms;
    write([&](transaction& tx) { must(tx.activities().create(row)); });
  }

  void mark_deleted(const ids& which, unix_ms at_ms) {
    write(
      [&](transaction& tx) { must(tx.queries().mark_deleted(which, at_ms)); });
  }
};

// 2023-09-30T23:59:59.999 and one millisecond later.
constexpr auto end_of_september = unix_ms{1'696'118'399'999};

} // namespace

TEST_CASE_METHOD(query_fixture, "totals are per sport, the most frequent "
                                "first, without deleted activities") {
  add(1, "Run", 0, 100.25);
  add(2, "Ride", 0, 1'000);
  add(3, "Run", 0, 200.25);
  add(4, "Ride", 0, 2'000);
  add(5, "Ride", 0, 4'000);
  add(6, "Run", 0, 999'999);
  mark_deleted({6}, 5);
  auto totals
    = ask([](auto& tx) { return tx.queries().totals(some_athlete, false); });
  CHECK(totals
        == std::vector<sport_total>{{"Ride", "", 3, 7'000, 180, 1.5},
                                    {"Run", "", 2, 300.5, 120, 1}});
}

TEST_CASE_METHOD(query_fixture, "monthly totals go by local start time, the "
                                "oldest month first") {
  add(1, "Run", end_of_september + 1, 1);
  add(2, "Run", end_of_september, 2);
  add(3, "Ride", end_of_september, 4);
  add(4, "Ride", end_of_september - 1'000, 8);
  add(5, "Run", end_of_september + 2, 16);
  auto totals
    = ask([](auto& tx) { return tx.queries().totals(some_athlete, true); });
  CHECK(totals
        == std::vector<sport_total>{{"Ride", "2023-09", 2, 12, 120, 1},
                                    {"Run", "2023-09", 1, 2, 60, 0.5},
                                    {"Run", "2023-10", 2, 17, 120, 1}});
}

TEST_CASE_METHOD(query_fixture, "an athlete without activities has no totals") {
  read([](transaction& tx) {
    CHECK(must(tx.queries().totals(some_athlete, false)).empty());
    CHECK(must(tx.queries().totals(404, true)).empty());
    CHECK(must(tx.queries().count_activities(404)) == 0);
  });
}

TEST_CASE_METHOD(query_fixture, "what cannot be read is counted per athlete") {
  auto mine = make_unread(-9'223'372'036'854'775'807);
  write([&](transaction& tx) {
    must(tx.unread_activities().create(mine));
    must(tx.unread_activities().create(make_unread(7)));
    must(tx.unread_activities().create(make_unread(7, some_athlete + 1)));
  });
  auto count = [this](std::int64_t athlete) {
    return ask([&](auto& tx) { return tx.queries().count_unread(athlete); });
  };
  CHECK(count(some_athlete) == 2);
  CHECK(count(some_athlete + 1) == 1);
  CHECK(count(some_athlete + 2) == 0);
  read([&](transaction& tx) {
    CHECK(must(tx.unread_activities().get({some_athlete, mine.digest}))
          == mine);
  });
}

TEST_CASE_METHOD(query_fixture, "deleted activities do not count") {
  for (auto id : {1, 2, 3})
    add(id, "Run", 0, 1);
  mark_deleted({2}, 5);
  CHECK(
    ask([](auto& tx) { return tx.queries().count_activities(some_athlete); })
    == 2);
}

TEST_CASE_METHOD(query_fixture, "what a re-list did not see is found, up to a "
                                "limit") {
  add(1, "Run", 0, 1, 100);
  add(2, "Run", 0, 1, 199);
  add(3, "Run", 0, 1, 200);
  add(4, "Run", 0, 1, 50);
  add(5, "Run", 0, 1, 50);
  mark_deleted({5}, 60);
  read([](transaction& tx) {
    auto& queries = tx.queries();
    CHECK(must(queries.not_fetched_since(some_athlete, 200, 10))
          == ids{1, 2, 4});
    CHECK(must(queries.not_fetched_since(some_athlete, 200, 2)).size() == 2);
    CHECK(must(queries.not_fetched_since(some_athlete, 50, 10)).empty());
  });
}

TEST_CASE_METHOD(query_fixture, "marking as deleted counts what was there to "
                                "mark and keeps the first time") {
  add(1, "Run", 0, 1);
  add(2, "Run", 0, 1);
  write([](transaction& tx) {
    CHECK(must(tx.queries().mark_deleted(ids{1, 404}, 2'000)) == 1);
    CHECK(must(tx.queries().mark_deleted(ids{1, 2}, 3'000)) == 1);
    CHECK(must(tx.queries().mark_deleted(ids{}, 3'000)) == 0);
  });
  read([](transaction& tx) {
    CHECK(must(tx.activities().get({std::int64_t{1}}))->deleted_at_ms == 2'000);
    CHECK(must(tx.activities().get({std::int64_t{2}}))->deleted_at_ms == 3'000);
  });
}

TEST_CASE_METHOD(query_fixture, "absences are counted by their kind") {
  auto of = [&](std::int64_t who) {
    return ask([who](auto& tx) { return tx.queries().absences_of(who); });
  };
  CHECK(of(some_athlete) == absence_summary{});
  for (auto id : {1, 2, 3, 4})
    add(id, "Run", 0, 1);
  write([](transaction& tx) {
    auto rows = std::vector<absence>{{1, some_athlete, 1, 300},
                                     {2, some_athlete, 2, 200},
                                     {3, some_athlete, 3, 100},
                                     {4, some_athlete, 1, 400},
                                     {900, some_athlete + 1, 1, 50}};
    must(tx.absences().upsert_many(rows));
  });
  CHECK(of(some_athlete)
        == absence_summary{
          .unseen = 2, .doubted = 1, .hidden = 1, .since_ms = 200});
  CHECK(of(some_athlete + 1) == absence_summary{.unseen = 1, .since_ms = 50});
}

TEST_CASE_METHOD(query_fixture, "what is seen is absent no more, unless it "
                                "went after that") {
  for (auto id : {1, 2, 3})
    add(id, "Run", 0, 1);
  write([](transaction& tx) {
    auto rows = std::vector<absence>{{1, some_athlete, 1, 300},
                                     {2, some_athlete, 3, 301},
                                     {3, some_athlete, 2, 100}};
    must(tx.absences().upsert_many(rows));
    CHECK(must(tx.queries().end_absences(ids{1, 2, 404}, 300)) == 1);
    CHECK(must(tx.queries().end_absences(ids{}, 300)) == 0);
  });
  read([](transaction& tx) {
    CHECK_FALSE(must(tx.absences().get({std::int64_t{1}})));
    CHECK(must(tx.absences().get({std::int64_t{2}})));
    CHECK(must(tx.absences().get({std::int64_t{3}})));
  });
  // They go with their activity and their athlete.
  write([](transaction& tx) {
    must(tx.activities().erase({std::int64_t{2}}));
    must(tx.athletes().erase({some_athlete}));
  });
  CHECK(ask([](auto& tx) { return tx.absences().list({}); }).items.empty());
}

TEST_CASE_METHOD(query_fixture, "the newest run is the one that started last") {
  auto newest = [&] {
    return ask([](auto& tx) { return tx.queries().newest_run(some_athlete); });
  };
  CHECK_FALSE(newest());
  write([](transaction& tx) {
    for (auto [id, started] : {std::pair{"z", 1}, {"a", 3}, {"b", 2}}) {
      auto run = make_run(id);
      run.started_at_ms = started;
      must(tx.sync_runs().create(run));
    }
    auto other = make_run("other", some_athlete + 1);
    other.started_at_ms = 99;
    must(tx.sync_runs().create(other));
  });
  REQUIRE(newest());
  CHECK(newest()->id == "a");
}

} // namespace stravasync::contract
