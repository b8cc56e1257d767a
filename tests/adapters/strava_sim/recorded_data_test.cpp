#include "adapters/strava_sim/activity_edit.hpp"
#include "messages/error.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

using namespace stravasync;
using namespace stravasync::strava_sim;
using namespace test::sim;

namespace {

const auto shared_folder
  = std::filesystem::path{STRAVASYNC_SOURCE_DIR}.parent_path() / "shared/data";

simulator_options serving(const std::string& folder) {
  auto result = simulator_options{};
  result.data_folder = folder;
  return result;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
}

std::string one_activity(int athlete_id) {
  return R"({"id":12,"athlete":{"id":)" + std::to_string(athlete_id)
         + R"(},"start_date":"2024-01-01T10:00:00Z" })";
}

std::string refusal(const std::string& folder) {
  auto logger = counting_log{};
  auto made = service::make(serving(folder), logger);
  REQUIRE_FALSE(made);
  CHECK(code_of(made.error()) == ec::invalid_argument);
  return detail_of(made.error());
}

} // namespace

TEST_CASE("all recorded activities come back byte for byte by their cursor") {
  auto path = shared_folder / "athlete_70000001_activities.json";
  if (!std::filesystem::exists(path))
    SKIP("the recorded data are not here");
  auto stream = std::ifstream{path};
  auto file = std::string{std::istreambuf_iterator<char>{stream}, {}};
  auto of = fixture{serving(shared_folder.string())};
  auto token = of.connect(70'000'001).access;
  auto seen = std::map<std::int64_t, std::string>{};
  auto distance_m = 0.0;
  auto before = std::string{};
  for (auto pages = 0; pages < 10; ++pages) {
    auto answer = of.get("/api/v3/athlete/activities?per_page=200" + before,
                         token);
    auto items = read_activities(answer.body);
    REQUIRE(items);
    auto known = seen.size();
    for (auto& item : *items)
      if (seen.emplace(item.entry.id, item.json).second) {
        CHECK(file.find(item.json) != std::string::npos);
        distance_m += json{item.json}.root()["distance"].get_double();
      }
    if (seen.size() == known)
      break;
    // One second of overlap, as a client does that does not know whether the
    // bound is included.
    before = "&before=" + std::to_string(items->back().entry.start_s + 1);
  }
  CHECK(seen.size() == 700);
  CHECK(std::llround(distance_m * 10) == 65'468'543);
}

TEST_CASE("a recorded athlete joined before the first activity") {
  auto folder = scratch_folder{};
  write(folder.file("a_activities.json"), "[" + one_activity(7) + "]");
  auto of = fixture{serving(folder.path())};
  auto token = of.connect(7).access;
  auto profile = json{of.get("/athlete", token).body};
  CHECK(profile.at("/created_at") < "2024-01-01");
  CHECK(profile.at("/created_at") > "2023-11-30");
  CHECK(of.get("/athlete/activities", token).body
        == "[" + one_activity(7) + "]");
  CHECK(of.send("GET", "/").response.body.find("recorded data")
        != std::string::npos);
}

TEST_CASE("recorded data that cannot be served stop the start") {
  auto folder = scratch_folder{};
  auto file = folder.file("a_activities.json");
  CHECK(refusal(folder.file("missing")).find("missing") != std::string::npos);
  write(file, "[{]");
  CHECK(refusal(folder.path()).find("a_activities.json: activity 1")
        != std::string::npos);
  write(file, "[]");
  CHECK(refusal(folder.path()).find("no activity") != std::string::npos);
  write(file, "[" + one_activity(7) + "," + one_activity(8) + "]");
  CHECK(refusal(folder.path()).find("two athletes") != std::string::npos);
  write(file, "[" + one_activity(7) + "]");
  write(folder.file("b_activities.json"), "[" + one_activity(7) + "]");
  CHECK(refusal(folder.path()).find("b_activities.json: holds an athlete")
        != std::string::npos);
  std::filesystem::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0); // Nobody writes into it.
  CHECK(refusal(folder.path()).find("a_activities.json: is no regular file")
        != std::string::npos);
}

TEST_CASE("other files in the folder are left alone") {
  auto folder = scratch_folder{};
  write(folder.file("README.md"), "no JSON");
  write(folder.file("athlete_activities.json.bak"), "no JSON");
  auto of = fixture{serving(folder.path())};
  CHECK(of.connect(7).access.size() == 40);
}
