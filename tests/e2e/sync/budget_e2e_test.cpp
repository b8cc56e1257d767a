#include "tests/support/cluster.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace std::chrono_literals;

TEST_CASE("five histories within tight limits: no 429 and full windows",
          "[e2e]") {
  test::installation all{{{"STRAVASYNC_SIM_LIMITS", "20,2000,10,1000"},
                          {"STRAVASYNC_SIM_WINDOW", "3s"},
                          {"STRAVASYNC_SIM_ACTIVITIES", "600"},
                          {"STRAVASYNC_SIM_LATENCY", "20ms"}},
                         {{"STRAVASYNC_SIM_WINDOW", "3s"}}};
  all.start_sim();
  all.start_app();
  std::vector<std::int64_t> athletes;
  for (auto i = 1; i <= 5; ++i)
    athletes.push_back(80'000'000 + i);
  for (auto id : athletes)
    REQUIRE(all.connect(id).status == 302);
  for (auto id : athletes) {
    REQUIRE(all.wait_for_state(id, "complete", 60s));
    auto target = "/api/v1/athletes/" + std::to_string(id) + "/sync";
    CHECK(all.get(target).at("activities_stored") == 600);
  }

  auto stats = all.ask_sim("/sim/stats");
  INFO(boost::json::serialize(stats));
  CHECK(stats.at("rate_limited") == 0);
  // Full: every window that work both came out of and went into.
  const auto& windows = stats.at("windows").as_array();
  REQUIRE(windows.size() >= 3);
  for (auto i = std::size_t{1}; i + 1 < windows.size(); ++i)
    CHECK(windows[i].at("read").to_number<int>() == 10);
}
