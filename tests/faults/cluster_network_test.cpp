// A node that loses sight of the broker.

#include "tests/support/node_cluster.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <map>
#include <numeric>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

constexpr auto first_athlete = 80'000'001;
constexpr auto athletes = 8;
constexpr auto activities = 300;
constexpr auto page_size = 10;

::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
                  {"STRAVASYNC_SIM_LATENCY", "200ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", std::to_string(activities)}},
          .nodes = {{"STRAVASYNC_SYNC_PAGE_SIZE", std::to_string(page_size)},
                    {"STRAVASYNC_CONSUMER_ACK_WAIT", "5s"},
                    {"STRAVASYNC_CONSUMER_IN_FLIGHT", "1"}},
          .bus_url = {}};
}

bool all_complete(::test::node_cluster& all) {
  for (auto i = 0; i < athletes; ++i)
    if (all.state_of("api", first_athlete + i) != "complete")
      return false;
  return true;
}

/// How often the simulator was asked for each page of each athlete.
std::map<std::string, int> pages_asked_for(::test::node_cluster& all) {
  auto log = all.ask_sim("/sim/requests?since=0");
  std::map<std::string, int> result;
  for (const auto& one : log.at("items").as_array())
    if (one.at("path").as_string().find("/athlete/activities")
        != std::string::npos)
      ++result[std::to_string(one.at("athlete_id").to_number<std::int64_t>())
               + "?" + std::string{one.at("query").as_string()}];
  return result;
}

int calls(::test::node_cluster& all) {
  auto pages = pages_asked_for(all);
  return std::accumulate(pages.begin(), pages.end(), 0,
                         [](int sum, const auto& x) { return sum + x.second; });
}

/// Those that were asked for more than once, one a line.
std::string repeated(const std::map<std::string, int>& pages) {
  std::string result;
  for (const auto& [page, times] : pages)
    if (times > 1)
      result += page + " " + std::to_string(times) + " times\n";
  return result;
}

std::int64_t stored(::test::node_cluster& all) {
  auto result = std::int64_t{0};
  for (auto i = 0; i < athletes; ++i) {
    auto target = "/api/v1/athletes/" + std::to_string(first_athlete + i)
                  + "/sync";
    result += all.get("api", target)
                .at("activities_stored")
                .to_number<std::int64_t>();
  }
  return result;
}

} // namespace

TEST_CASE("a node cut off from the broker comes back by itself",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  ::test::tcp_proxy wire{all.nats().port()};
  all.add("api", "api");
  all.add("far", "consumer", {{"STRAVASYNC_BUS_URL", wire.url("nats")}});
  all.add("near", "consumer");
  for (const auto* name : {"api", "far", "near"})
    all.start(name);
  for (auto i = 0; i < athletes; ++i)
    all.connect(first_athlete + i, "api", "api");
  REQUIRE(::test::eventually([&] { return calls(all) >= 10; }, 20s));

  wire.cut(); // Both directions; connections stay open and say nothing.
  auto before = calls(all);
  std::this_thread::sleep_for(20s); // How long the cut lasts, not a wait.
  auto meanwhile = calls(all) - before;
  CHECK(meanwhile >= 10); // Work went on elsewhere.
  wire.mend();

  CHECK(::test::eventually([&] { return all.ready("far"); }, 30s));
  REQUIRE(::test::eventually([&] { return all_complete(all); }, 120s));
  CHECK(stored(all) == std::int64_t{athletes} * activities);
  // The page that the far node had in hand may have been asked for before its
  // job went to the near one; it is stored once all the same.
  auto pages = pages_asked_for(all);
  INFO(repeated(pages));
  CHECK(calls(all) - static_cast<int>(pages.size()) <= 1);
  CHECK(all.ask_sim("/sim/stats").at("rate_limited") == 0);
}

TEST_CASE("of several addresses of the broker and the database the first may "
          "not answer",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  ::test::tcp_proxy bus{all.nats().port()};
  ::test::tcp_proxy database{all.postgres().port()};
  bus.cut();
  database.cut();
  auto store = all.store_url();
  auto host = store.find("127.0.0.1:");
  REQUIRE(host != std::string::npos);
  store.insert(host,
               database.url("x").substr(std::string{"x://"}.size()) + ",");
  all.add("api", "api",
          {{"STRAVASYNC_BUS_URL", bus.url("nats") + "," + all.nats().url()},
           {"STRAVASYNC_STORE_URL", store},
           {"STRAVASYNC_STORE_CONNECT_TIMEOUT", "2s"}});
  all.start("api");
  CHECK(all.ready("api"));
  // Nor when it was there before.
  all.nats().kill_hard();
  all.postgres().kill();
  CHECK(::test::eventually([&] { return !all.ready("api"); }, 20s));
  all.nats().start();
  all.postgres().start();
  CHECK(::test::eventually([&] { return all.ready("api"); }, 30s));
}
