#include "tests/support/simulated_node.hpp"

#include "actors/api/records.hpp"
#include "actors/roles/durables.hpp"
#include "adapters/embedded_bus/embedded_bus.hpp"
#include "adapters/secrets/token_cipher.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"
#include "tests/support/silent_log.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace test {

using namespace stravasync;
using namespace std::chrono_literals;

namespace {

constexpr auto first_athlete = std::int64_t{80'000'001};
constexpr auto scope = "read,activity:read_all,profile:read_all";
constexpr auto token_lifetime_ms = unix_ms{21'600'000};
constexpr auto t0 = simulated_world::begin_ms;

void require(const caf::error& why) {
  if (why)
    throw std::runtime_error{detail_of(why)};
}

std::shared_ptr<const token_cipher> make_key() {
  std::array<std::uint8_t, secrets::token_key::size> bytes{};
  bytes.fill(1);
  return secrets::make_cipher(secrets::token_key{bytes});
}

std::int64_t file_bytes(const std::string& path) {
  auto sum = std::int64_t{0};
  for (const auto* end : {"", "-wal"})
    if (std::filesystem::exists(path + end))
      sum += static_cast<std::int64_t>(std::filesystem::file_size(path + end));
  return sum;
}

/// Bytes in memory, shared pages in part.
std::int64_t memory_of_process() {
  constexpr auto bytes_per_kib = 1'024;
  auto file = std::ifstream{"/proc/self/smaps_rollup"};
  for (std::string word; file >> word;)
    if (word == "Pss:") {
      auto kib = std::int64_t{0};
      file >> kib;
      return kib * bytes_per_kib;
    }
  return 0;
}

double ms_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(
           std::chrono::steady_clock::now() - begun)
    .count();
}

double median_of(std::vector<double> all) {
  std::ranges::sort(all);
  return all[all.size() / 2];
}

} // namespace

simulated_node::simulated_node(const settings& config, std::size_t athletes,
                               std::size_t activities_each)
  : config_{config},
    now_{std::make_shared<unix_ms>(t0)},
    strava_{std::make_shared<simulated_strava>(
      [now = now_] { return *now; }, activities_each,
      strava_sim::rate_limits{
        config.budget.limits.short_all, config.budget.limits.day_all,
        config.budget.limits.short_read, config.budget.limits.day_read})},
    log_{std::make_shared<silent_log>()} {
  auto made
    = sqlite::open_session({.path = folder_.file("store.db"), .create = true});
  require(made ? caf::error{} : made.error());
  open();
  for (const auto& one : all_streams(config_))
    bus_->ensure(one, [](auto&&) {});
  bus_->poke();
  connect(athletes);
  start();
  settle();
}

simulated_node::~simulated_node() {
  stop();
}

void simulated_node::open() {
  auto clock = [now = now_] { return *now; };
  auto steady = [now = now_] { return milliseconds{*now - t0}; };
  auto opened = embedded_bus::open(
    {.path = folder_.file("bus.db"), .wall = clock, .steady = steady}, *log_);
  require(opened ? caf::error{} : opened.error());
  bus_ = std::make_shared<lockstep_bus>(*opened);
}

void simulated_node::connect(std::size_t athletes) {
  auto session = sqlite::open_session({.path = folder_.file("store.db")});
  require(session ? caf::error{} : session.error());
  auto cipher = make_key();
  for (auto i = std::size_t{0}; i < athletes; ++i) {
    auto id = first_athlete + static_cast<std::int64_t>(i);
    ids_.push_back(id);
    auto owner = std::to_string(id);
    require((*session)->write([&](transaction& tx) -> caf::error {
      athlete who{
        .id = id, .name = "Ada", .scope = scope, .connected_at_ms = *now_};
      if (auto made = tx.athletes().create(who); !made)
        return made.error();
      auto kept
        = tx.credentials().create({.athlete_id = id,
                                   .access_token = cipher->seal(owner, owner),
                                   .refresh_token = cipher->seal(owner, owner),
                                   .expires_at_ms = *now_ + token_lifetime_ms,
                                   .version = 1});
      if (!kept)
        return kept.error();
      return start_run(tx, who, std::nullopt, jobs::v1::SYNC_MODE_BACKFILL,
                       jobs::v1::LANE_USER, *now_, 0);
    }));
  }
}

void simulated_node::start() {
  system_ = std::make_unique<deterministic_system>();
  actors_ = std::make_unique<simulated_actors>(
    *system_, config_,
    simulated_world{now_, bus_, strava_, make_key(), log_,
                    folder_.file("store.db")});
}

void simulated_node::stop() {
  if (actors_)
    settle();
  actors_.reset();
  system_.reset();
  if (bus_)
    while (bus_->turn())
      continue;
  bus_.reset();
}

void simulated_node::settle() {
  for (auto quiet = 0; quiet < 2;) {
    system_->run();
    if (bus_->turn()) {
      quiet = 0;
      continue;
    }
    bus_->poke();
    ++quiet;
  }
  system_->run();
}

void simulated_node::pass(milliseconds by, milliseconds step) {
  for (auto end = *now_ + by.count(); *now_ + step.count() <= end;) {
    *now_ += step.count();
    system_->advance(step);
    settle();
  }
}

void simulated_node::run_as(std::set<role> roles) {
  stop();
  config_.node.roles = std::move(roles);
  open();
  start();
  settle();
}

double simulated_node::time_to_open() {
  constexpr auto times = 15;
  std::vector<double> all;
  for (auto i = 0; i < times; ++i) {
    auto begun = std::chrono::steady_clock::now();
    auto session = sqlite::open_session({.path = folder_.file("store.db")});
    require(session ? caf::error{} : session.error());
    open();
    all.push_back(ms_since(begun));
    bus_.reset();
  }
  return median_of(std::move(all));
}

template <class Reply, class Actor, class Request>
double simulated_node::time_to_ask(const Actor& whom, const Request& request) {
  constexpr auto times = 51;
  std::vector<double> all;
  for (auto i = 0; i < times; ++i) {
    auto begun = std::chrono::steady_clock::now();
    auto answer = system_->ask<Reply>(whom, request);
    all.push_back(ms_since(begun));
    require(answer ? caf::error{} : answer.error());
  }
  return median_of(std::move(all));
}

node_figures simulated_node::look() {
  node_figures result;
  result.memory_bytes = memory_of_process();
  result.calls = strava_->calls();
  bus_->describe([&](const caf::expected<std::vector<stream_state>>& got) {
    for (const auto& one : *got)
      result.messages[one.config.name]
        = static_cast<std::int64_t>(one.messages);
  });
  bus_->poke();
  auto activity_id = std::int64_t{0};
  {
    SQLite::Database db{folder_.file("store.db"), SQLite::OPEN_READWRITE};
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    for (const auto* table :
         {"sync_run", "sync_page", "outbox", "activity", "credential"})
      result.rows[table]
        = db.execAndGet(std::string{"SELECT count(*) FROM "} + table);
    result.stalest_ms
      = *now_
        - db.execAndGet("SELECT min(newest) FROM (SELECT max(finished_at_ms) "
                        "AS newest FROM sync_run GROUP BY athlete_id)")
            .getInt64();
    activity_id = db.execAndGet("SELECT max(id) FROM activity");
  }
  query::v1::GetActivity one;
  one.set_id(activity_id);
  result.activity_ms = time_to_ask<query::v1::Activity>(actors_->activities,
                                                        one);
  query::v1::ListAthletes many;
  many.set_limit(200);
  result.athletes_ms = time_to_ask<query::v1::AthleteList>(actors_->athletes,
                                                           many);
  query::v1::ListActivities list;
  list.set_athlete_id(ids_.front());
  list.set_limit(200);
  result.list_ms = time_to_ask<query::v1::ActivityList>(actors_->activities,
                                                        list);
  stop();
  result.start_ms = time_to_open();
  result.store_bytes = file_bytes(folder_.file("store.db"));
  result.bus_bytes = file_bytes(folder_.file("bus.db"));
  open();
  start();
  settle();
  return result;
}

} // namespace test
