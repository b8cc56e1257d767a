#include "tests/support/cluster.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/stored_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include <fstream>
#include <map>
#include <sstream>

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr auto athlete_id = std::int64_t{70'000'001};

fs::path data_folder() {
  return fs::path{STRAVASYNC_SOURCE_DIR} / ".." / "shared" / "data";
}

struct expectation {
  std::map<std::int64_t, json::value> activities; // By id.
  std::map<std::string, std::int64_t> per_sport;
  double distance_m = 0;
};

expectation read_recording() {
  std::ifstream file{data_folder() / "athlete_70000001_activities.json"};
  std::stringstream text;
  text << file.rdbuf();
  expectation result;
  const auto recorded = json::parse(text.str());
  for (const auto& one : recorded.as_array()) {
    result.activities.emplace(one.at("id").to_number<std::int64_t>(), one);
    ++result.per_sport[std::string{one.at("sport_type").as_string()}];
    result.distance_m += one.at("distance").to_number<double>();
  }
  return result;
}

} // namespace

TEST_CASE("a recorded athlete's history arrives whole and unchanged", "[e2e]") {
  if (!fs::exists(data_folder()))
    SKIP("the recorded data is not beside this checkout");
  auto expected = read_recording();
  test::installation all{{{"STRAVASYNC_SIM_DATA", data_folder().string()},
                          {"STRAVASYNC_SIM_LATENCY", "1ms"}}};
  all.start_sim();
  all.start_app();
  auto back = all.connect(athlete_id);
  REQUIRE(back.status == 302);
  CHECK(back.header("location") == "/athletes/70000001");
  REQUIRE(all.wait_for_state(athlete_id, "complete", 30s));

  auto status = all.get("/api/v1/athletes/70000001/sync");
  CHECK(status.at("activities_stored") == 700);
  CHECK(status.at("expected") == 700);
  auto stats = all.get("/api/v1/athletes/70000001/stats");
  std::map<std::string, std::int64_t> per_sport;
  auto distance_m = 0.0;
  for (const auto& total : stats.at("totals").as_array()) {
    per_sport[std::string{total.at("sport_type").as_string()}]
      = total.at("count").to_number<std::int64_t>();
    distance_m += total.at("distance_m").to_number<double>();
  }
  CHECK(per_sport == expected.per_sport);
  CHECK_THAT(distance_m, Catch::Matchers::WithinAbs(expected.distance_m, 0.01));
  CHECK_THAT(distance_m, Catch::Matchers::WithinAbs(6'546'854.3, 0.05));

  CHECK(all.app().stop(20s) == 0);
  auto stored = test::stored_json(all.folder() / "data" / "stravasync.db");
  REQUIRE(stored.size() == 700);
  for (const auto& [id, text] : stored) {
    REQUIRE(expected.activities.contains(id));
    CHECK(json::parse(text) == expected.activities.at(id));
  }
}
