#include "adapters/embedded_bus/embedded_bus.hpp"
#include "messages/ingest.pb.h"
#include "tests/support/cluster.hpp"
#include "tests/support/silent_log.hpp"
#include "tests/support/stored_json.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <future>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <thread>

using namespace std::chrono_literals;
using namespace stravasync;

namespace {

constexpr auto kills = 50;
constexpr auto athletes = 5;
constexpr auto activities = 600;

/// What makes two requests for a page the same: the athlete and the query.
using page_request = std::pair<std::int64_t, std::string>;

std::string query_of(const jobs::v1::ListPosition& at) {
  std::string result;
  if (at.before_s() != 0)
    result += "before=" + std::to_string(at.before_s()) + " ";
  return result + "page=" + std::to_string(std::max(1u, at.page()));
}

/// The same from the simulator's log: "...?before=1&page=2&per_page=50".
std::string query_of(const std::string& url_query) {
  auto value = [&](const std::string& name) {
    auto begin = url_query.find(name + "=");
    if (begin == std::string::npos)
      return std::string{};
    begin += name.size() + 1;
    return url_query.substr(begin, url_query.find('&', begin) - begin);
  };
  auto before = value("before");
  auto page = value("page");
  return (before.empty() ? "" : "before=" + before + " ")
         + "page=" + (page.empty() ? "1" : page);
}

/// The requests whose pages are in INGEST now; the program must not run. Where
/// a page began is in the page before it.
std::set<page_request> fetched_positions(const std::string& bus_file) {
  ::test::silent_log journal;
  auto opened = embedded_bus::open({.path = bus_file}, journal);
  REQUIRE(opened);
  std::set<page_request> result;
  std::map<std::string, std::map<std::uint32_t, std::string>> positions;
  for (auto from = std::uint64_t{0};;) {
    std::promise<std::vector<stored_message>> got;
    (*opened)->read(
      {.stream = "INGEST",
       .filter_subject = subject_filter(ingest::v1::ActivitiesPage{}),
       .from_sequence = from,
       .limit = 100},
      [&](caf::expected<std::vector<stored_message>> messages) {
        got.set_value(messages ? std::move(*messages)
                               : std::vector<stored_message>{});
      });
    auto batch = got.get_future().get();
    if (batch.empty())
      return result;
    for (const auto& one : batch) {
      ingest::v1::ActivitiesPage page;
      REQUIRE(decode(one.message, page));
      auto& run = positions[page.run_id()];
      run.try_emplace(1, "page=1");
      REQUIRE(run.contains(page.page_number()));
      result.emplace(page.athlete_id(), run[page.page_number()]);
      if (page.has_next())
        run[page.next().page_number()] = query_of(page.next().position());
    }
    from = batch.back().sequence + 1;
  }
}

test::variables sim_settings() {
  return {{"STRAVASYNC_SIM_LIMITS", "20,2000,10,1000"},
          {"STRAVASYNC_SIM_WINDOW", "3s"},
          {"STRAVASYNC_SIM_ACTIVITIES", std::to_string(activities)},
          {"STRAVASYNC_SIM_LATENCY", "20ms"}};
}

test::variables app_settings() {
  return {{"STRAVASYNC_SIM_WINDOW", "3s"}, {"STRAVASYNC_SYNC_PAGE_SIZE", "25"}};
}

bool all_complete(::test::installation& all) {
  for (auto i = 1; i <= athletes; ++i) {
    auto target = "/api/v1/athletes/" + std::to_string(80'000'000 + i)
                  + "/sync";
    if (all.get(target).at("state") != "complete")
      return false;
  }
  return true;
}

std::int64_t last_request(::test::installation& all) {
  const auto log = all.ask_sim("/sim/requests?since=0");
  const auto& items = log.at("items").as_array();
  return items.empty() ? 0
                       : items.back().at("sequence").to_number<std::int64_t>();
}

} // namespace

TEST_CASE("fifty kills at random moments of a sync cost nothing", "[faults]") {
  // Undisturbed, for comparison: wide limits, the same athletes.
  auto wide = sim_settings();
  wide[0].second = "20000,200000,10000,100000";
  std::map<std::int64_t, std::string> expected;
  {
    ::test::installation calm{wide, app_settings()};
    calm.start_sim();
    calm.start_app();
    for (auto i = 1; i <= athletes; ++i)
      REQUIRE(calm.connect(80'000'000 + i).status == 302);
    REQUIRE(::test::eventually([&] { return all_complete(calm); }, 60s));
    REQUIRE(calm.app().stop(20s) == 0);
    expected = ::test::stored_json(calm.folder() / "data" / "stravasync.db");
    REQUIRE(expected.size() == std::size_t{athletes} * activities);
  }

  ::test::installation all{sim_settings(), app_settings()};
  all.start_sim();
  all.start_app();
  for (auto i = 1; i <= athletes; ++i)
    REQUIRE(all.connect(80'000'000 + i).status == 302);
  auto bus_file = (all.folder() / "data" / "bus.db").string();
  auto random = std::mt19937{20'261'121};
  auto moment = std::uniform_int_distribution{50, 900};
  std::vector<std::pair<std::int64_t, std::set<page_request>>> safe_at;
  auto during = 0;
  for (auto i = 0; i < kills; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{moment(random)});
    during += all_complete(all) ? 0 : 1;
    all.app().kill_hard();
    // What it sent last has arrived by then: nothing of it is on its way.
    auto quiet = last_request(all);
    REQUIRE(::test::eventually(
      [&] { return quiet == std::exchange(quiet, last_request(all)); }, 5s));
    safe_at.emplace_back(quiet, fetched_positions(bus_file));
    all.start_app();
  }
  REQUIRE(::test::eventually([&] { return all_complete(all); }, 120s));
  std::cout << kills << " kills, " << during << " of them during the sync\n";

  auto stats = all.ask_sim("/sim/stats");
  INFO(boost::json::serialize(stats));
  CHECK(stats.at("rate_limited") == 0);
  auto log = all.ask_sim("/sim/requests?since=0");
  auto repeated = 0;
  for (const auto& [quiet, safe] : safe_at)
    for (const auto& one : log.at("items").as_array()) {
      if (one.at("sequence").to_number<std::int64_t>() <= quiet
          || one.at("path").as_string().find("/athlete/activities")
               == std::string::npos)
        continue;
      auto key
        = page_request{one.at("athlete_id").to_number<std::int64_t>(),
                       query_of(std::string{one.at("query").as_string()})};
      repeated += safe.contains(key) ? 1 : 0;
    }
  CHECK(repeated == 0);
  REQUIRE(all.app().stop(20s) == 0);
  auto stored = ::test::stored_json(all.folder() / "data" / "stravasync.db");
  CHECK(stored == expected);
}
