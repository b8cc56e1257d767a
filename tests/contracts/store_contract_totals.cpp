#include "tests/contracts/store_contract.hpp"
#include "tests/contracts/store_samples.hpp"

#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>
#include <random>
#include <thread>
#include <tuple>
#include <utility>

/// @file
/// Totals are kept as activities change: whatever happened to the rows, they
/// are what counting the rows comes to.

namespace stravasync::contract {

namespace {

constexpr auto athletes = std::array{some_athlete, some_athlete + 1};
constexpr auto ids_max = 60;

struct sums {
  std::int64_t activities = 0;
  std::int64_t distance_mm = 0;
  std::int64_t moving_time_s = 0;
  std::int64_t elevation_gain_mm = 0;

  friend bool operator==(const sums&, const sums&) = default;
};

/// By month and sport.
using table = std::map<std::pair<std::string, std::string>, sums>;

std::string month_of(unix_ms at) {
  auto seconds = static_cast<std::time_t>(at / 1'000);
  auto parts = std::tm{};
  ::gmtime_r(&seconds, &parts);
  auto text = std::array<char, 16>{};
  auto size = std::strftime(text.data(), text.size(), "%Y-%m", &parts);
  return {text.data(), size};
}

std::int64_t in_mm(double metres) {
  return std::llround(metres * 1'000);
}

std::vector<activity> live_rows(transaction& tx, std::int64_t athlete_id) {
  using relation = condition::relation;
  auto page = must(
    tx.activities().list({.where = {{"athlete_id", relation::equal, athlete_id},
                                    {"deleted_at_ms", relation::is_null, {}}},
                          .limit = 1'000}));
  return page.items;
}

table count(const std::vector<activity>& rows, bool by_month) {
  auto result = table{};
  for (const auto& row : rows) {
    auto month = by_month ? month_of(row.start_local_at_ms) : "";
    auto& to = result[{month, row.sport_type}];
    ++to.activities;
    to.distance_mm += in_mm(row.distance_m);
    to.moving_time_s += row.moving_time_s;
    to.elevation_gain_mm += in_mm(row.total_elevation_gain_m);
  }
  return result;
}

table kept(transaction& tx, std::int64_t athlete_id, bool by_month) {
  auto result = table{};
  for (const auto& one : must(tx.queries().totals(athlete_id, by_month)))
    result[{one.month, one.sport_type}] = {one.count, in_mm(one.distance_m),
                                           one.moving_time_s,
                                           in_mm(one.elevation_gain_m)};
  return result;
}

struct totals_fixture : store_fixture {
  std::mt19937 random{20'261'201};
  unix_ms now = 1'000;

  totals_fixture() {
    write([](transaction& tx) {
      for (auto id : athletes)
        must(tx.athletes().create(make_athlete(id)));
    });
  }

  std::int64_t any(std::int64_t below) {
    return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random);
  }

  /// Ids of odd numbers are of the second athlete.
  activity some_row() {
    auto id = any(ids_max) + 1;
    auto row = make_activity(id, athletes[static_cast<std::size_t>(id % 2)]);
    row.sport_type = std::array{"Run", "Ride", "Swim"}[std::size_t(any(3))];
    row.start_local_at_ms = 1'696'118'400'000 + (any(5) - 2) * 1'300'000'000;
    row.distance_m = static_cast<double>(any(1'000'000)) / 10;
    row.moving_time_s = any(10'000);
    row.total_elevation_gain_m = static_cast<double>(any(20'000)) / 10;
    // Mostly an answer of now; sometimes one of before.
    row.fetched_at_ms = now - any(4) / 3 * 50;
    return row;
  }

  std::vector<activity> some_page() {
    auto rows = std::vector<activity>(std::size_t(any(20)));
    for (auto& row : rows)
      row = some_row();
    return rows;
  }

  void list_again(transaction& tx) {
    auto rows = live_rows(tx, athletes[std::size_t(any(2))]);
    for (auto& row : rows)
      row.fetched_at_ms = now;
    must(tx.activities().upsert_many(rows));
  }

  void step(transaction& tx) {
    now += 10;
    switch (any(8)) {
      case 0:
        return list_again(tx);
      case 1:
        static_cast<void>(must(tx.queries().mark_deleted(
          std::vector{any(ids_max), any(ids_max), any(ids_max)}, now)));
        return;
      case 2:
        static_cast<void>(must(tx.activities().erase({any(ids_max)})));
        return;
      case 3:
        // Whether there is such a row.
        static_cast<void>(tx.activities().update(some_row()));
        return;
      case 4:
        if (any(6) > 0)
          return;
        static_cast<void>(must(tx.athletes().erase({athletes[1]})));
        must(tx.athletes().create(make_athlete(athletes[1])));
        return;
      default:
        static_cast<void>(must(tx.activities().upsert_many(some_page())));
    }
  }

  void check() {
    read([&](transaction& tx) {
      auto figures = must(tx.queries().figures_of(athletes));
      for (auto i = std::size_t{0}; i < athletes.size(); ++i) {
        auto rows = live_rows(tx, athletes[i]);
        REQUIRE(kept(tx, athletes[i], true) == count(rows, true));
        REQUIRE(kept(tx, athletes[i], false) == count(rows, false));
        auto live = std::int64_t(rows.size());
        REQUIRE(must(tx.queries().count_activities(athletes[i])) == live);
        REQUIRE(figures[i].activities == live);
      }
    });
  }
};

} // namespace

TEST_CASE_METHOD(totals_fixture, "totals are what counting comes to, whatever "
                                 "happens to the activities") {
  for (auto round = 0; round < 150; ++round) {
    INFO("round " << round);
    write([&](transaction& tx) {
      for (auto steps = any(4) + 1; steps > 0; --steps)
        step(tx);
    });
    if (round % 3 == 0)
      check();
  }
  check();
}

TEST_CASE_METHOD(totals_fixture, "totals are whole millimetres of each "
                                 "activity, half of one rounded up") {
  auto rows = std::vector<activity>{};
  for (auto id = std::int64_t{1}; id <= ids_max; ++id) {
    auto& row = rows.emplace_back(make_activity(id));
    // 64ths of a metre have halves of a millimetre, and every other part.
    row.distance_m = static_cast<double>(any(6'400'000)) / 64;
    row.total_elevation_gain_m = static_cast<double>(any(2'000'000)) / 2'000;
  }
  // To the even one and the odd one, up and down.
  rows[0].distance_m = rows[1].total_elevation_gain_m = 0.0005;
  rows[1].distance_m = rows[0].total_elevation_gain_m = 0.0015;
  rows[2].distance_m = rows[3].total_elevation_gain_m = -0.0005;
  rows[3].distance_m = rows[2].total_elevation_gain_m = -0.0025;
  for (const auto& row : rows) {
    INFO(row.distance_m << " m, " << row.total_elevation_gain_m << " m up");
    write([&](transaction& tx) {
      must(tx.activities().upsert_many(std::vector{row}));
    });
    check();
  }
  for (auto& row : rows) {
    std::swap(row.distance_m, row.total_elevation_gain_m);
    ++row.fetched_at_ms;
  }
  write([&](transaction& tx) { must(tx.activities().upsert_many(rows)); });
  check();
  write([&](transaction& tx) {
    for (const auto& row : rows)
      static_cast<void>(must(tx.activities().erase({row.id})));
  });
  check();
  CHECK(ask([](auto& tx) {
          return tx.queries().totals(some_athlete, false);
        }).empty());
}

TEST_CASE_METHOD(totals_fixture,
                 "a transaction that is undone leaves totals as "
                 "they were") {
  write([&](transaction& tx) {
    must(tx.activities().upsert_many(std::vector{make_activity(2)}));
  });
  auto why = session->write([&](transaction& tx) -> caf::error {
    static_cast<void>(must(tx.activities().upsert_many(some_page())));
    static_cast<void>(
      must(tx.queries().mark_deleted(std::vector<std::int64_t>{2}, now)));
    return make_failure(ec::conflict, "enough");
  });
  REQUIRE(code_of(why) == ec::conflict);
  check();
  CHECK(
    ask([](auto& tx) { return tx.queries().count_activities(some_athlete); })
    == 1);
}

TEST_CASE_METHOD(totals_fixture, "what no activity can come to is stored, and "
                                 "counts as one of nothing") {
  auto row = make_activity(2);
  row.start_local_at_ms = std::numeric_limits<std::int64_t>::max();
  row.moving_time_s = std::numeric_limits<std::int64_t>::max();
  row.distance_m = 1e300;
  row.total_elevation_gain_m = -1e300;
  auto early = make_activity(4);
  early.start_local_at_ms = std::numeric_limits<std::int64_t>::min();
  early.moving_time_s = std::numeric_limits<std::int64_t>::min();
  early.distance_m = 1;
  early.total_elevation_gain_m = 0;
  write([&](transaction& tx) {
    must(tx.activities().upsert_many(std::vector{row, early}));
  });
  CHECK(ask([](auto& tx) { return tx.queries().totals(some_athlete, true); })
        == std::vector<sport_total>{{row.sport_type, "", 2, 1, 0, 0}});
  write([](transaction& tx) {
    must(tx.queries().mark_deleted(std::vector<std::int64_t>{2, 4}, 5'000));
  });
  CHECK(ask([](auto& tx) {
          return tx.queries().totals(some_athlete, false);
        }).empty());
}

TEST_CASE_METHOD(totals_fixture, "sessions that store one athlete's activities "
                                 "at once lose none in the totals") {
  constexpr auto sessions = 3;
  constexpr auto pages = 10;
  auto failures = std::array<caf::error, sessions>{};
  auto threads = std::vector<std::thread>{};
  for (auto number = 0; number < sessions; ++number)
    threads.emplace_back([&, number, open = store->opener()] {
      auto own = open();
      for (auto page = 0; own && page < pages; ++page)
        failures[std::size_t(number)] = (*own)->write([&](transaction& tx) {
          auto rows = std::vector<activity>{};
          for (auto i = 1; i <= 5; ++i)
            rows.push_back(make_activity(number * 1'000 + page * 10 + i));
          return error_in(tx.activities().upsert_many(rows));
        });
    });
  for (auto& each : threads)
    each.join();
  for (const auto& each : failures)
    must(each);
  check();
  CHECK(
    ask([](auto& tx) { return tx.queries().count_activities(some_athlete); })
    == sessions * pages * 5);
}

TEST_CASE_METHOD(totals_fixture, "figures of many athletes are those of each") {
  auto newest = make_run("b");
  newest.started_at_ms = 9;
  write([&](transaction& tx) {
    must(tx.sync_runs().create(make_run("c")));
    must(tx.sync_runs().create(newest));
    must(tx.sync_runs().create(make_run("a", athletes[1])));
    must(tx.activities().upsert_many(std::vector{make_activity(2)}));
    must(tx.unread_activities().create(make_unread(7)));
    must(tx.unread_activities().create(make_unread(8)));
    must(tx.absences().create({.activity_id = 2,
                               .athlete_id = some_athlete,
                               .kind = 1,
                               .since_ms = 30}));
  });
  auto asked = std::array{std::int64_t{404}, athletes[1], athletes[0]};
  auto found = ask([&](auto& tx) { return tx.queries().figures_of(asked); });
  REQUIRE(found.size() == asked.size());
  CHECK(found[0] == athlete_figures{});
  CHECK(found[1] == athlete_figures{make_run("a", athletes[1]), 0, 0, {}});
  auto absences
    = ask([](auto& tx) { return tx.queries().absences_of(some_athlete); });
  CHECK(found[2] == athlete_figures{newest, 1, 2, absences});
  CHECK(ask([](auto& tx) { return tx.queries().figures_of({}); }).empty());
}

} // namespace stravasync::contract
