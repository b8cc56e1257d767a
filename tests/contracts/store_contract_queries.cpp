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

TEST_CASE_METHOD(query_fixture, "what a clock that was ahead wrote comes back, "
                                "in its order") {
  constexpr auto now = unix_ms{1'700'000'000'000};
  constexpr auto years = unix_ms{100'000'000'000};
  constexpr auto hour = unix_ms{3'600'000};
  auto sent = ids{};
  write([&](transaction& tx) {
    auto add = [&](const char* id, unix_ms started) {
      auto run = make_run(id);
      run.started_at_ms = started;
      run.updated_at_ms = run.finished_at_ms = started + 5;
      must(tx.sync_runs().create(run));
    };
    add("before", now - hour);
    add("ahead-2", now + years + 2);
    add("ahead-1", now + years + 1);
    sent.push_back(must(tx.outbox().create(make_message("a"))));
    must(tx.queries().mark_sent(sent, now + years));
    auto fetched = make_activity(1);
    fetched.fetched_at_ms = now + years;
    must(tx.activities().create(fetched));
    must(tx.absences().create(
      {.activity_id = 1, .athlete_id = some_athlete, .since_ms = now + years}));
    CHECK(must(tx.queries().bring_back(now, now + hour)) == 5);
    CHECK(must(tx.queries().bring_back(now, now + hour)) == 0);
  });
  auto started = [&](const char* id) {
    return ask([&](auto& tx) { return tx.sync_runs().get({id}); })
      ->started_at_ms;
  };
  CHECK(started("before") == now - hour);
  CHECK(started("ahead-1") == now - 1);
  CHECK(started("ahead-2") == now);
  auto newest
    = ask([](auto& tx) { return tx.queries().newest_run(some_athlete); });
  REQUIRE(newest);
  CHECK(newest->id == "ahead-2");
  CHECK(newest->updated_at_ms == now);
  CHECK(newest->finished_at_ms == now);
  auto fetched = ask([](auto& tx) { return tx.activities().get({1}); });
  REQUIRE(fetched);
  CHECK(fetched->fetched_at_ms == now);
  auto absent = ask([](auto& tx) { return tx.absences().get({1}); });
  REQUIRE(absent);
  CHECK(absent->since_ms == now);
  auto kept = ask([](auto& tx) { return tx.outbox().list({}); });
  REQUIRE(kept.items.size() == 1);
  CHECK(kept.items[0].sent_at_ms == now);
}

TEST_CASE_METHOD(query_fixture, "what was fetched by a clock that was ahead "
                                "comes back, whatever its run is") {
  constexpr auto now = unix_ms{1'700'000'000'000};
  constexpr auto years = unix_ms{100'000'000'000};
  constexpr auto ahead = now + unix_ms{3'600'000};
  add(1, "Run", 0, 1, ahead);
  add(2, "Run", 0, 1, now - 5);
  write([&](transaction& tx) {
    auto run = make_run("r");
    run.started_at_ms = now - 10;
    must(tx.sync_runs().create(run));
    auto& queries = tx.queries();
    CHECK_FALSE(must(queries.has_fetched_after(ahead)));
    CHECK(must(queries.bring_fetched_back(now, ahead)) == 0);
  });
  add(3, "Run", 0, 1, now + years);
  mark_deleted({2}, now + years);
  write([&](transaction& tx) {
    auto& queries = tx.queries();
    CHECK(must(queries.has_fetched_after(ahead)));
    CHECK(must(queries.bring_fetched_back(now, ahead)) == 2);
    CHECK_FALSE(must(queries.has_fetched_after(ahead)));
    // The next answer counts again.
    auto edited = make_activity(3);
    edited.fetched_at_ms = now + 1;
    CHECK(must(tx.activities().upsert_many(std::span{&edited, 1}))
          == std::vector{upsert_result::updated});
  });
  auto row = [&](std::int64_t id) {
    return *ask([&](auto& tx) { return tx.activities().get({id}); });
  };
  CHECK(row(1).fetched_at_ms == ahead);
  CHECK(row(1).deleted_at_ms == std::nullopt);
  CHECK(row(2).fetched_at_ms == now - 5);
  CHECK(row(2).deleted_at_ms == now);
}

} // namespace stravasync::contract
