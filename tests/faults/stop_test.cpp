#include "tests/support/cluster.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>

using namespace std::chrono_literals;

namespace {

constexpr auto id = std::int64_t{80'000'005};

struct fixture : test::installation {
  explicit fixture(const std::string& drain_deadline = "20s")
    : test::installation{
      {{"STRAVASYNC_SIM_ACTIVITIES", "2000"},
       {"STRAVASYNC_SIM_LATENCY", "100ms"},
       {"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"}},
      {{"STRAVASYNC_SYNC_PAGE_SIZE", "50"},
       {"STRAVASYNC_NODE_DRAIN_DEADLINE", drain_deadline}}} {
    start_sim();
    start_app();
    REQUIRE(connect(id).status == 302);
    REQUIRE(test::eventually([&] { return pages() > 0; }, 20s));
  }

  /// Waits until a request hangs at Strava.
  bool eventually_hangs() {
    return test::eventually(
      [&] {
        auto log = ask_sim("/sim/requests?since=0");
        return log.at("items").as_array().back().at("status") == 0;
      },
      20s);
  }

  std::int64_t pages() {
    return get("/api/v1/athletes/80000005/sync")
      .at("pages_stored")
      .to_number<std::int64_t>();
  }
};

} // namespace

TEST_CASE("SIGTERM in the middle of a sync drains and goes on at restart",
          "[faults]") {
  fixture all;
  CHECK(all.app().stop(20s) == 0);
  all.start_app();
  REQUIRE(all.wait_for_state(id, "complete", 60s));
  auto status = all.get("/api/v1/athletes/80000005/sync");
  CHECK(status.at("activities_stored") == 2'000);
  // Each page was asked for once: stopping lost none that was on its way.
  auto fetched = all.ask_sim("/sim/stats")
                   .at("by_path")
                   .at("GET /athlete/activities")
                   .at("200")
                   .to_number<std::int64_t>();
  CHECK(fetched == status.at("pages_stored").to_number<std::int64_t>());
}

TEST_CASE("SIGINT stops as SIGTERM does", "[faults]") {
  fixture all;
  all.app().program().kill(SIGINT);
  CHECK(all.app().program().wait(20s) == 0);
}

TEST_CASE("a request that hangs does not hold up the stop", "[faults]") {
  fixture all{"4s"};
  all.set_faults(R"({"mode":"hang","path":"/athlete/activities"})");
  REQUIRE(all.eventually_hangs());
  CHECK(all.app().stop(8s) == 0);
  all.set_faults(R"({"mode":"none"})");
  all.start_app();
  REQUIRE(all.wait_for_state(id, "complete", 60s));
}

TEST_CASE("a second signal ends the process at once", "[faults]") {
  fixture all;
  all.set_faults(R"({"mode":"hang","path":"/athlete/activities"})");
  // So draining takes its time.
  REQUIRE(all.eventually_hangs());
  all.app().program().kill(SIGTERM);
  REQUIRE(test::eventually(
    [&] { return all.app().output().find("stopping") != std::string::npos; },
    5s));
  all.app().program().kill(SIGTERM);
  CHECK(all.app().program().wait(3s) == 130);
}
