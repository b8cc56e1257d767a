// A whole cluster whose parts are killed again and again while it works.

#include "adapters/postgres/postgres_store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "adapters/strava_sim/synthetic.hpp"
#include "tests/support/node_cluster.hpp"
#include "tests/support/store_rows.hpp"
#include "tests/support/stored_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <thread>

using namespace std::chrono_literals;
using namespace stravasync;

namespace {

constexpr auto first_athlete = 80'000'001;
constexpr auto athletes = 20;
constexpr auto activities = 500;
constexpr auto page_size = 50;
constexpr auto between = 2s;

/// How often something is killed: 10 times, or as TEST_KILLS says.
int kills() {
  const auto* text = std::getenv("TEST_KILLS");
  return text == nullptr ? 10 : std::atoi(text);
}

/// Limits that make the sync last about as long as the kills go on.
std::string limits() {
  constexpr auto window_s = 10;
  constexpr auto calls = athletes * (activities / page_size + 2);
  auto seconds = kills() * 2 + 15;
  auto reads = std::max(10, calls * window_s / seconds);
  return std::to_string(2 * reads) + ",200000," + std::to_string(reads)
         + ",100000";
}

::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", limits()},
                  {"STRAVASYNC_SIM_WINDOW", "10s"},
                  {"STRAVASYNC_SIM_LATENCY", "50ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", std::to_string(activities)}},
          .nodes = {{"STRAVASYNC_SIM_WINDOW", "10s"},
                    {"STRAVASYNC_SYNC_PAGE_SIZE", std::to_string(page_size)},
                    {"STRAVASYNC_CONSUMER_ACK_WAIT", "5s"},
                    {"STRAVASYNC_CONSUMER_BACKOFF_MAX", "5s"},
                    {"STRAVASYNC_LOG_LEVEL", "info"}},
          .bus_url = {}};
}

const auto names = std::vector<std::pair<std::string, std::string>>{
  {"api-1", "api"},           {"api-2", "api"},
  {"consumer-1", "consumer"}, {"consumer-2", "consumer"},
  {"consumer-3", "consumer"}, {"worker-1", "worker"},
  {"worker-2", "worker"}};

/// The api nodes may be down just now: any that answers will do.
bool all_complete(::test::node_cluster& all) {
  for (const auto* name : {"api-1", "api-2"})
    try {
      for (auto i = 0; i < athletes; ++i)
        if (all.state_of(name, first_athlete + i) != "complete")
          return false;
      return true;
    } catch (const std::exception&) {
      continue; // Killed, or its database is.
    }
  return false;
}

std::map<std::int64_t, std::string> expected_json() {
  std::map<std::int64_t, std::string> result;
  for (auto i = 0; i < athletes; ++i) {
    auto made = strava_sim::synthetic_athlete(first_athlete + i, 1, activities);
    for (auto& json : made.activities_json) {
      auto id = boost::json::parse(json).at("id").to_number<std::int64_t>();
      result.emplace(id, std::move(json));
    }
  }
  return result;
}

std::uint64_t dead_letters(::test::node_cluster& all) {
  auto streams = all.get("api-1", "/api/v1/admin/streams");
  for (const auto& one : streams.at("items").as_array())
    if (one.at("name") == "DLQ")
      return one.at("messages").to_number<std::uint64_t>();
  return 0;
}

/// Messages of JOBS that are not settled.
std::uint64_t open_jobs(::test::node_cluster& all) {
  auto streams = all.get("api-1", "/api/v1/admin/streams");
  auto result = std::uint64_t{0};
  for (const auto& one : streams.at("items").as_array())
    if (one.at("name") == "JOBS")
      for (const auto& durable : one.at("durables").as_array())
        result += durable.at("pending").to_number<std::uint64_t>()
                  + durable.at("ack_pending").to_number<std::uint64_t>();
  return result;
}

} // namespace

TEST_CASE("kills all over a cluster cost nothing", "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  for (const auto& [name, role] : names)
    all.add(name, role);
  for (const auto& [name, role] : names)
    all.start(name);
  // Begun at one node, finished at another.
  for (auto i = 0; i < athletes; ++i)
    all.connect(first_athlete + i, i % 2 == 0 ? "api-1" : "api-2",
                i % 2 == 0 ? "api-2" : "api-1");

  auto random = std::mt19937{20'261'121};
  // Everything is hit before anything is hit again.
  std::vector<std::size_t> victims;
  auto during = 0;
  auto killed = std::map<std::string, int>{};
  for (auto i = 0; i < kills(); ++i) {
    std::this_thread::sleep_for(between);
    during += all_complete(all) ? 0 : 1;
    if (victims.empty()) {
      victims.resize(names.size() + 2);
      std::iota(victims.begin(), victims.end(), std::size_t{0});
      std::ranges::shuffle(victims, random);
    }
    auto victim = victims.back();
    victims.pop_back();
    if (victim == names.size()) {
      ++killed["nats-server"];
      all.nats().kill_hard();
      all.nats().start();
    } else if (victim == names.size() + 1) {
      ++killed["postgres"];
      all.postgres().kill();
      all.postgres().start();
    } else {
      const auto& name = names[victim].first;
      ++killed[name];
      all.at(name).kill_hard();
      all.launch(name);
    }
  }
  std::cout << kills() << " kills, " << during << " of them during the sync:";
  for (const auto& [name, count] : killed)
    std::cout << ' ' << name << ' ' << count;
  std::cout << '\n';

  for (const auto& [name, role] : names) {
    INFO(all.at(name).output());
    CHECK(::test::eventually([&, who = name] { return all.ready(who); }, 60s));
  }
  REQUIRE(::test::eventually([&] { return all_complete(all); }, 180s));
  // The last acks may still be on their way.
  CHECK(::test::eventually([&] { return open_jobs(all) == 0; }, 30s));
  CHECK(dead_letters(all) == 0);
  auto stats = all.ask_sim("/sim/stats");
  INFO(boost::json::serialize(stats));
  CHECK(stats.at("rate_limited") == 0);

  auto expected = expected_json();
  REQUIRE(expected.size() == std::size_t{athletes} * activities);
  auto session = postgres::open_session(
    {.url = all.store_url(), .password = ::test::postgres_server::password});
  REQUIRE(session);
  auto stored = test::stored_json(**session);
  CHECK(stored.size() == expected.size());
  CHECK((stored == expected));
  std::cout << stored.size() << " activities, each once and as Strava has it; "
            << "0 dead letters, 0 open jobs, 0 answers 429\n";

  // What the streams recorded is enough to make that database again.
  auto copy = (all.folder() / "copy.db").string();
  auto [code, text] = all.run({"replay", "--stream", "INGEST", "--speed", "max",
                               "--into", "store:sqlite:" + copy});
  INFO(text);
  REQUIRE(code == 0);
  auto replayed = sqlite::open_session({.path = copy});
  REQUIRE(replayed);
  auto live = test::read_rows(**session);
  auto rebuilt = test::read_rows(**replayed);
  CHECK((rebuilt.athletes == live.athletes));
  CHECK((rebuilt.activities == live.activities));
  CHECK(rebuilt.absences == live.absences);
  CHECK((rebuilt.totals == live.totals));
}
