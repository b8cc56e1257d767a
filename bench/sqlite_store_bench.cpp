#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <random>

/// @file
/// The SQLite store alone: point reads as GetActivity makes them, pages as the
/// ingest makes them, lists and totals. The database is made in the folder that
/// TMPDIR names; put it on the disk to be measured.

namespace {

using namespace stravasync;

constexpr auto athletes = 50;
constexpr auto activities_each = 1'000;
constexpr auto page_rows = 200;

[[noreturn]] void give_up(const caf::error& failure) {
  std::cerr << detail_of(failure) << '\n';
  std::exit(1);
}

/// About as large as what Strava answers: 1.8 kB of JSON in the median, with a
/// polyline of 0.6 kB in it.
activity make_row(std::int64_t id, std::int64_t athlete_id) {
  auto row = activity{.id = id,
                      .athlete_id = athlete_id,
                      .name = "Morning Ride",
                      .sport_type = id % 3 == 0 ? "Run" : "Ride",
                      .start_at_ms = 1'500'000'000'000 + id * 60'000,
                      .start_local_at_ms = 1'500'007'200'000 + id * 60'000,
                      .timezone = "(GMT+01:00) Europe/Zurich",
                      .utc_offset_s = 7'200,
                      .distance_m = 42'195.1,
                      .moving_time_s = 7'000,
                      .elapsed_time_s = 7'100,
                      .total_elevation_gain_m = 811.2,
                      .visibility = "everyone",
                      .gear_id = "b1234567",
                      .device_name = "Garmin Edge 530",
                      .summary_polyline = std::string(600, 'p'),
                      .average_speed_mps = 6.01,
                      .max_speed_mps = 17.25,
                      .average_heartrate_bpm = 150.5,
                      .max_heartrate_bpm = 188.0,
                      .fetched_at_ms = 1'000};
  row.raw = "{\"id\":" + std::to_string(id) + ",\"x\":\""
            + std::string(1'800, 'r') + "\"}";
  return row;
}

std::vector<activity>
make_page(std::int64_t first_id, std::int64_t athlete_id) {
  auto rows = std::vector<activity>{};
  for (auto i = 0; i < page_rows; ++i)
    rows.push_back(make_row(first_id + i, athlete_id));
  return rows;
}

/// A database with athletes and their activities (ids from 1 on without gaps),
/// removed at the end of the process.
class filled_store {
public:
  filled_store() {
    auto name
      = (std::filesystem::temp_directory_path() / "stravasync-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      std::exit(1);
    folder_ = name;
    opts_.path = folder_ + "/store.db";
    opts_.create = true;
    auto session = open();
    for (auto id = 1; id <= athletes; ++id)
      fill(*session, id);
  }

  filled_store(const filled_store&) = delete;
  filled_store& operator=(const filled_store&) = delete;

  ~filled_store() {
    auto ignored = std::error_code{};
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::unique_ptr<store_session> open() const {
    auto session = sqlite::open_session(opts_);
    if (!session)
      give_up(session.error());
    return std::move(*session);
  }

private:
  static void fill(store_session& session, std::int64_t athlete_id) {
    auto failure = session.write([&](transaction& tx) -> caf::error {
      auto row = athlete{.id = athlete_id, .name = "Ada"};
      if (auto created = tx.athletes().create(row); !created)
        return created.error();
      auto first_id = (athlete_id - 1) * activities_each + 1;
      for (auto i = 0; i < activities_each; i += page_rows) {
        auto done
          = tx.activities().upsert_many(make_page(first_id + i, athlete_id));
        if (!done)
          return done.error();
      }
      return caf::none;
    });
    if (failure)
      give_up(failure);
  }

  std::string folder_;
  sqlite::options opts_;
};

const filled_store& store() {
  static const auto instance = filled_store{};
  return instance;
}

class random_ids {
public:
  std::int64_t operator()() {
    return distribution_(engine_);
  }

private:
  std::minstd_rand engine_{7};
  std::uniform_int_distribution<std::int64_t> distribution_{
    1, athletes* activities_each};
};

void must(const caf::error& failure) {
  if (failure)
    give_up(failure);
}

/// One transaction for each activity.
void get_one(benchmark::State& state) {
  auto session = store().open();
  auto next = random_ids{};
  auto key = std::vector<column_value>(1);
  for (auto _ : state) {
    key[0] = next();
    must(session->read([&](transaction& tx) {
      auto row = tx.activities().get(key);
      benchmark::DoNotOptimize(row);
      return caf::error{};
    }));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(get_one);

/// One transaction for as many activities as wait in a busy mailbox.
void get_coalesced(benchmark::State& state) {
  auto session = store().open();
  auto next = random_ids{};
  auto keys
    = std::vector<std::int64_t>(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::generate(keys.begin(), keys.end(), std::ref(next));
    must(session->read([&](transaction& tx) {
      auto rows = tx.activities().get_many(keys, raw_json::left_out);
      benchmark::DoNotOptimize(rows);
      return caf::error{};
    }));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(get_coalesced)->Arg(4)->Arg(16)->Arg(64);

void list_page_of_50(benchmark::State& state) {
  auto session = store().open();
  auto query = list_query{
    .where = {{"athlete_id", condition::relation::equal, std::int64_t{7}},
              {"deleted_at_ms", condition::relation::is_null, {}}}};
  for (auto _ : state)
    must(session->read([&](transaction& tx) {
      auto page = tx.activities().list(query);
      benchmark::DoNotOptimize(page);
      return caf::error{};
    }));
  state.SetItemsProcessed(state.iterations() * 50);
}
BENCHMARK(list_page_of_50);

/// Totals over all and by month of an athlete with 1,000 activities.
void stats(benchmark::State& state) {
  auto session = store().open();
  for (auto _ : state)
    must(session->read([&](transaction& tx) {
      auto all = tx.queries().totals(7, false);
      auto months = tx.queries().totals(7, true);
      benchmark::DoNotOptimize(all);
      benchmark::DoNotOptimize(months);
      return caf::error{};
    }));
}
BENCHMARK(stats)->Unit(benchmark::kMicrosecond);

void count(benchmark::State& state) {
  auto session = store().open();
  for (auto _ : state)
    must(session->read([&](transaction& tx) {
      auto stored = tx.queries().count_activities(7);
      benchmark::DoNotOptimize(stored);
      return caf::error{};
    }));
}
BENCHMARK(count)->Unit(benchmark::kMicrosecond);

/// New pages, the given number of them per transaction and disk sync.
void ingest(benchmark::State& state) {
  auto session = store().open();
  static auto next_id = std::int64_t{100'000'000};
  auto pages = static_cast<std::int64_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    auto batch = std::vector<std::vector<activity>>{};
    for (auto i = std::int64_t{0}; i < pages; ++i, next_id += page_rows)
      batch.push_back(make_page(next_id, 1 + i % athletes));
    state.ResumeTiming();
    must(session->write([&](transaction& tx) -> caf::error {
      for (const auto& page : batch)
        if (auto done = tx.activities().upsert_many(page); !done)
          return done.error();
      return caf::none;
    }));
  }
  state.SetItemsProcessed(state.iterations() * pages * page_rows);
}
BENCHMARK(ingest)->Arg(1)->Arg(8)->UseRealTime();

/// The same pages again: what a re-list mostly does.
void ingest_unchanged(benchmark::State& state) {
  auto session = store().open();
  auto page = make_page(1, 1);
  for (auto _ : state) {
    for (auto& row : page)
      ++row.fetched_at_ms;
    must(session->write([&](transaction& tx) -> caf::error {
      auto done = tx.activities().upsert_many(page);
      return done ? caf::error{} : done.error();
    }));
  }
  state.SetItemsProcessed(state.iterations() * page_rows);
}
BENCHMARK(ingest_unchanged)->UseRealTime();

void open_session(benchmark::State& state) {
  store();
  for (auto _ : state) {
    auto session = store().open();
    benchmark::DoNotOptimize(session);
  }
}
BENCHMARK(open_session)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
