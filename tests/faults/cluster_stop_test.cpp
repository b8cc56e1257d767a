// A node that is told to stop while the broker hangs, or before it answers.

#include "tests/support/node_cluster.hpp"
#include "tests/support/tcp_proxy.hpp"

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

TEST_CASE("a node stops with 0 while a broker hangs in the handshake",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  ::test::tcp_proxy wire{all.nats().port()};
  for (const auto* name : {"starting", "api"})
    all.add(name, "api", {{"STRAVASYNC_BUS_URL", wire.url("nats")}});
  auto hangs = [&](int held) {
    return ::test::eventually([&] { return wire.held_at_greeting() > held; },
                              20s);
  };
  wire.greet_only();
  all.launch("starting");
  REQUIRE(hangs(0));
  CHECK(all.at("starting").stop(8s) == 0);
  all.launch("starting");
  REQUIRE(::test::eventually(
    [&] {
      auto said = all.at("starting").output();
      return said.find("does not finish the handshake") != std::string::npos;
    },
    20s));
  CHECK(all.at("starting").stop(8s) == 0);

  wire.mend();
  all.start("api");
  for (auto round = 0; round < 2; ++round) {
    auto held = wire.held_at_greeting();
    wire.greet_only();
    wire.drop();
    REQUIRE(hangs(held + 1)); // The first one was ended.
    if (round > 0)
      break;
    wire.mend();
    CHECK(::test::eventually([&] { return all.ready("api"); }, 30s));
  }
  CHECK(all.at("api").stop(8s) == 0);
}

TEST_CASE("a node that starts stops with 0 whatever hangs",
          "[faults][cluster]") {
  REQUIRE_CLUSTER();
  ::test::node_cluster all{settings_of_test()};
  ::test::tcp_proxy database{all.postgres().port()};
  database.cut();
  auto store = all.store_url();
  auto from = "127.0.0.1:" + std::to_string(all.postgres().port());
  auto at = store.find(from);
  REQUIRE(at != std::string::npos);
  store.replace(at, from.size(),
                database.url("x").substr(std::string{"x://"}.size()));
  all.add("api", "api",
          {{"STRAVASYNC_STORE_URL", store},
           {"STRAVASYNC_STORE_CONNECT_TIMEOUT", "60s"},
           {"STRAVASYNC_NODE_DRAIN_DEADLINE", "3s"}});
  all.launch("api");
  REQUIRE(::test::eventually([&] { return database.taken() > 0; }, 20s));
  CHECK(all.at("api").stop(15s) == 0);
}
