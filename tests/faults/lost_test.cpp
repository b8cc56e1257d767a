// What a node keeps in two places, of which one is lost.

#include "tests/support/cluster.hpp"
#include "tests/support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto id = std::int64_t{80'000'002};
const auto athlete = std::string{"/api/v1/athletes/80000002"};

test::variables slow_strava() {
  return {{"STRAVASYNC_SIM_ACTIVITIES", "600"},
          {"STRAVASYNC_SIM_LATENCY", "100ms"},
          {"STRAVASYNC_SIM_LIMITS", "20000,200000,10000,100000"}};
}

void remove_files(const fs::path& folder, const std::string& prefix) {
  for (const auto& one : fs::directory_iterator{folder})
    if (one.path().filename().string().starts_with(prefix))
      fs::remove(one.path());
}

std::string ready_text(test::installation& all) {
  return all.app_http().get("/readyz").body;
}

/// Runs a command of the binary with the installation's folder.
std::pair<int, std::string>
run(test::installation& all, std::vector<std::string> arguments) {
  test::process::options what;
  what.argv = std::move(arguments);
  what.argv.insert(what.argv.begin(), STRAVASYNC_BINARY_DIR "/stravasync");
  what.environment = {
    {"STRAVASYNC_NODE_DATA_DIR", (all.folder() / "data").string()},
    {"STRAVASYNC_HTTP_LISTEN", all.app_address()},
    {"STRAVASYNC_STRAVA_API_URL", "http://" + all.sim_address() + "/api/v3"},
    {"STRAVASYNC_STRAVA_OAUTH_URL", "http://" + all.sim_address() + "/oauth"}};
  what.output = all.folder() / "command.log";
  fs::remove(what.output);
  auto running = test::process::spawn(what);
  auto code = running.wait(40s);
  return {code.value_or(-1), running.output()};
}

} // namespace

TEST_CASE("a sync goes on though the bus was lost under it", "[faults]") {
  test::installation all{slow_strava(), {{"STRAVASYNC_SYNC_PAGE_SIZE", "20"}}};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  auto stored = [&] {
    return all.get(athlete + "/sync").at("activities_stored").to_number<int>();
  };
  REQUIRE(test::eventually([&] { return stored() >= 100; }, 20s));
  auto run_id = all.get(athlete + "/sync").at("run_id");
  all.app().kill_hard();
  remove_files(all.folder() / "data", "bus.db");
  all.start_app();
  REQUIRE(all.wait_for_state(id, "complete", 40s));
  CHECK(stored() == 600);
  CHECK(all.get(athlete + "/sync").at("run_id") == run_id);
}

TEST_CASE("a database that was deleted is not begun anew in silence",
          "[faults]") {
  test::installation all{slow_strava()};
  all.start_sim();
  all.start_app();
  REQUIRE(all.connect(id).status == 302);
  REQUIRE(all.wait_for_state(id, "complete", 40s));
  remove_files(all.folder() / "data", "stravasync.db");
  // Noticed while it runs, though nobody asks for anything.
  CHECK(test::eventually(
    [&] {
      return ready_text(all).find("was deleted or replaced")
             != std::string::npos;
    },
    40s));
  all.app().kill_hard();

  auto [code, said] = run(all, {"run", "--role=all"});
  INFO(said);
  CHECK(code == 1);
  CHECK(said.find("stravasync replay --stream INGEST --into store:sqlite:")
        != std::string::npos);
  CHECK_FALSE(fs::exists(all.folder() / "data" / "stravasync.db"));

  SECTION("it can be rebuilt as that says") {
    auto path = (all.folder() / "data" / "stravasync.db").string();
    CHECK(run(all, {"replay", "--stream", "INGEST", "--into",
                    "store:sqlite:" + path, "--force"})
            .first
          == 0);
    all.start_app();
    CHECK(all.get(athlete + "/sync").at("activities_stored") == 600);
  }
  SECTION("or begun on purpose") {
    CHECK(run(all, {"migrate"}).first == 0);
    all.start_app();
    CHECK(all.get("/api/v1/athletes").at("items").as_array().empty());
  }
}
