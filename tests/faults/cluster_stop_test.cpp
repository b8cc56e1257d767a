// A node that is told to stop while the broker hangs.

#include "tests/support/node_cluster.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;

namespace {

constexpr auto athlete = 80'000'001;

::test::node_cluster::settings settings_of_test() {
  return {.sim = {{"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"},
                  {"STRAVASYNC_SIM_LATENCY", "50ms"},
                  {"STRAVASYNC_SIM_ACTIVITIES", "2000"}},
          .nodes = {{"STRAVASYNC_SYNC_PAGE_SIZE", "10"},
                    {"STRAVASYNC_NODE_DRAIN_DEADLINE", "8s"}},
          .bus_url = {}};
}

} // namespace

TEST_CASE("nodes stop in time and with 0 while the broker hangs",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  all.add("api", "api");
  all.add("consumer", "consumer");
  all.add("worker", "worker");
  for (const auto* name : {"api", "consumer", "worker"})
    all.start(name);
  all.connect(athlete, "api", "api");
  REQUIRE(::test::eventually(
    [&] { return all.state_of("api", athlete) == "running"; }, 20s));
  all.nats().freeze();
  for (const auto* name : {"api", "consumer", "worker"}) {
    CAPTURE(name);
    CHECK(all.at(name).stop(12s) == 0);
  }
  all.nats().thaw();
}
