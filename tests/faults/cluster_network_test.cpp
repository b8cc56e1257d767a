// A node that loses sight of the broker, and a leader that is paused.

#include "tests/support/node_cluster.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <set>
#include <thread>

using namespace std::chrono_literals;

namespace {

constexpr auto first_athlete = 80'000'001;
constexpr auto athletes = 8;
constexpr auto activities = 300;
constexpr auto page_size = 10;
constexpr auto pages = activities / page_size;

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

/// Calls for pages that the simulator answered so far.
std::int64_t calls(::test::node_cluster& all) {
  auto log = all.ask_sim("/sim/requests?since=0");
  auto result = std::int64_t{0};
  for (const auto& one : log.at("items").as_array())
    result += one.at("path").as_string().find("/athlete/activities")
                  != std::string::npos
                ? 1
                : 0;
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
  // Each page once, one empty page at the end of each history; a job that the
  // far node had in hand may have been done by both before it was published.
  auto most = std::int64_t{athletes} * (pages + 1) + 1;
  CHECK(calls(all) <= most);
  CHECK(all.ask_sim("/sim/stats").at("rate_limited") == 0);
}
