#include "adapters/strava_sim/state_file.hpp"
#include "messages/error.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace stravasync;
using namespace stravasync::strava_sim;
using namespace test::sim;

namespace {

simulator_options keeping(const std::string& path) {
  auto result = simulator_options{};
  result.state_path = path;
  return result;
}

std::string stats(fixture& of) {
  return of.send("GET", "/sim/stats").response.body;
}

} // namespace

TEST_CASE("tokens, counters, log and edits survive a restart") {
  auto folder = scratch_folder{};
  auto of = fixture{keeping(folder.file("state"))};
  auto tokens = of.connect(5);
  auto code = parameter(
    of.send("POST", std::string{authorize_target}, "athlete_id=6").response,
    "code");
  of.get("/athlete", tokens.access);
  auto added
    = json{of.send("POST", "/sim/athletes/5/activities", "{}").response.body}
        .at("/id");
  auto newest = of.get("/athlete/activities", tokens.access).body;
  auto old_stats = stats(of);
  auto old_log = of.send("GET", "/sim/requests").response.body;
  for (auto i = 0; i < 3; ++i)
    of.restart();
  CHECK(stats(of) == old_stats);
  CHECK(of.send("GET", "/sim/requests").response.body == old_log);
  auto again = of.get("/athlete/activities", tokens.access);
  CHECK(again.body == newest);
  CHECK(json{again.body}.at("/0/id") == added);
  CHECK(header(again, "X-Readratelimit-Usage") == "3,3");
  CHECK(of.refresh(tokens.refresh).status == 200);
  auto exchanged = of.send("POST", "/oauth/token",
                           "client_id=7&client_secret=x&grant_type="
                           "authorization_code&code="
                             + code);
  CHECK(exchanged.response.status == 200);
  CHECK(of.logger.problems == 0);
}

TEST_CASE("what was spent or revoked stays so over a restart") {
  auto folder = scratch_folder{};
  auto of = fixture{keeping(folder.file("state"))};
  auto revoked = of.connect(5);
  auto rotated = of.connect(6);
  auto code = parameter(
    of.send("POST", std::string{authorize_target}, "athlete_id=6").response,
    "code");
  auto exchange = "client_id=7&client_secret=x&grant_type=authorization_code"
                  "&code="
                  + code;
  of.send("POST", "/sim/athletes/5/revoke");
  CHECK(of.send("POST", "/oauth/token", exchange).response.status == 200);
  of.restart();
  CHECK(of.get("/athlete", revoked.access).status == 401);
  CHECK(of.refresh(rotated.refresh).status == 400);
  CHECK(of.send("POST", "/oauth/token", exchange).response.status == 400);
}

TEST_CASE("without a state file a restart forgets everything") {
  auto of = fixture{};
  auto tokens = of.connect(5);
  of.restart();
  CHECK(of.get("/athlete", tokens.access).status == 401);
}

TEST_CASE("a damaged state loses the damaged lines only") {
  auto folder = scratch_folder{};
  auto path = folder.file("state");
  auto of = fixture{keeping(path)};
  auto first = of.connect(5);
  std::ofstream{path, std::ios::app} << "garbage\n{\"t\":\"grant\"}\n";
  auto second = of.connect(6);
  std::ofstream{path, std::ios::app} << R"({"t":"grant","client":"half of a l)";
  of.restart();
  CHECK(of.logger.problems == 1);
  CHECK(of.get("/athlete", first.access).status == 200);
  CHECK(of.get("/athlete", second.access).status == 200);
  of.restart();
  CHECK(of.logger.problems == 1);
}

TEST_CASE("the state does not grow by restarting and is its owner's alone") {
  auto folder = scratch_folder{};
  auto path = folder.file("state");
  auto of = fixture{keeping(path)};
  auto token = of.connect(5).access;
  for (auto i = 0; i < 50; ++i)
    of.get("/athlete", token);
  of.restart();
  auto size = std::filesystem::file_size(path);
  of.restart();
  CHECK(std::filesystem::file_size(path) == size);
  CHECK(
    (std::filesystem::status(path).permissions()
     & (std::filesystem::perms::group_all | std::filesystem::perms::others_all))
    == std::filesystem::perms::none);
}

TEST_CASE("a state that cannot be written stops the start") {
  auto folder = scratch_folder{};
  auto logger = counting_log{};
  auto made = service::make(keeping(folder.path() + "/no/such/folder"), logger);
  REQUIRE_FALSE(made);
  CHECK(code_of(made.error()) == ec::unavailable);
  CHECK(detail_of(made.error()).find("no/such/folder") != std::string::npos);
}

TEST_CASE("a device is no state file") {
  auto opened = state_file::open("/dev/null", [](std::string_view) {});
  REQUIRE_FALSE(opened);
  CHECK(detail_of(opened.error()) == "/dev/null is no regular file");
}

TEST_CASE("a full disk is logged once, stops nothing and spoils nothing") {
  auto folder = scratch_folder{};
  auto path = folder.file("state");
  auto of = fixture{keeping(path)};
  auto token = of.connect(5).access;
  rlimit usual{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual) == 0);
  auto full = usual;
  full.rlim_cur = std::filesystem::file_size(path) + 20;
  auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
  auto statuses = std::vector<int>{};
  for (auto i = 0; i < 3; ++i)
    statuses.push_back(of.get("/athlete", token).status);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &usual) == 0);
  std::signal(SIGXFSZ, old_handler);
  CHECK(statuses == std::vector<int>{200, 200, 200});
  CHECK(of.logger.problems == 1);
  of.get("/athlete", token);
  of.restart();
  CHECK(of.logger.problems == 1);
  CHECK(header(of.get("/athlete", token), "X-Ratelimit-Usage") == "2,2");
}
