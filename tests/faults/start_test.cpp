#include "adapters/sqlite/sqlite_store.hpp"
#include "tests/faults/runner.hpp"

#include <SQLiteCpp/Database.h>
#include <catch2/catch_test_macros.hpp>

#include <fstream>

using namespace test;
namespace fs = std::filesystem;

TEST_CASE("a mistake in settings ends the start with one clear line",
          "[faults]") {
  runner run;
  run.expect({"--rolle=api"}, {}, usage, {"--rolle", "--role"});
  run.expect({"--role=apy"}, {}, usage, {"apy", "api"});
  run.expect({"--set", "http.idle_timeut=3s"}, {}, usage,
             {"http.idle_timeut", "http.idle_timeout"});
  run.expect({"--set", "sync.page_size=201"}, {}, usage,
             {"sync.page_size", "200"});
  run.expect({"--role=consumer"}, {}, usage, {"bus.url"});
  run.expect({}, {{"STRAVASYNC_SYNC_PAGESIZE", "5"}}, usage,
             {"STRAVASYNC_SYNC_PAGESIZE"});
  std::ofstream{run.folder.file("bad.toml")} << "[http]\nlisten = 7\n";
  run.expect({"--config", run.folder.file("bad.toml")}, {}, usage,
             {"bad.toml:2", "http.listen"});
  run.expect({"--role=all"}, {}, usage, {"strava.client_id"});
  run.expect({"--role=api"},
             {{"STRAVASYNC_STRAVA_CLIENT_ID", "1"},
              {"HTTPS_PROXY", "socks5://someone:hush@proxy.test"}},
             cannot_run, {"HTTPS_PROXY", "http://"});
}

TEST_CASE("what cannot be opened is named", "[faults]") {
  runner run;
  SECTION("a port in use") {
    test::installation other;
    other.start_sim();
    run.expect({"--role=all,sim"},
               {{"STRAVASYNC_HTTP_LISTEN", other.sim_address()}}, cannot_run,
               {other.sim_address(), "in use"});
  }
  SECTION("a folder that is a file") {
    std::ofstream{run.folder.file("data")} << "x";
    run.expect({"--role=all,sim"}, {}, cannot_run, {run.folder.file("data")});
  }
  SECTION("a store that is no database") {
    fs::create_directory(run.folder.file("data"));
    std::ofstream{run.folder.file("data") + "/stravasync.db"}
      << std::string(5'000, 'x');
    run.expect({"--role=all,sim"}, {}, cannot_run, {"stravasync.db"});
  }
  SECTION("a store from a newer version") {
    fs::create_directory(run.folder.file("data"));
    auto path = run.folder.file("data") + "/stravasync.db";
    REQUIRE(stravasync::sqlite::migrate({.path = path, .create = true}));
    run.expect({"migrate"}, {}, 0, {"up to date"});
    SQLite::Database{path, SQLite::OPEN_READWRITE}.exec(
      "INSERT INTO schema_migration(version, name, applied_at_ms) "
      "VALUES (999, 'from_the_future', 0)");
    run.expect({"--role=all,sim"}, {}, cannot_run, {"newer"});
    run.expect({"migrate"}, {}, cannot_run, {"newer"});
  }
  SECTION("tokens sealed with another key") {
    const auto* one = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const auto* two = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    test::installation first{{}, {{"STRAVASYNC_SECRETS_TOKEN_KEY", one}}};
    first.start_sim();
    first.start_app();
    REQUIRE(first.app().stop(20s) == 0);
    run.expect(
      {"--role=all,sim"},
      {{"STRAVASYNC_NODE_DATA_DIR", (first.folder() / "data").string()},
       {"STRAVASYNC_SECRETS_TOKEN_KEY", two}},
      cannot_run, {"secrets.token_key"});
  }
}

TEST_CASE("commands beside running say what they did", "[faults]") {
  runner run;
  run.expect({"--version"}, {}, 0, {"stravasync 0.1.0"});
  run.expect({"--help"}, {}, 0, {"--role", "migrate", "seed", "config"});
  run.expect({"config", "check"}, {}, 0, {"fine", "strava.client_id"});
  run.expect({"config", "show"},
             {{"STRAVASYNC_STRAVA_CLIENT_SECRET", "hush-hush"}}, 0,
             {"page_size"});
  CHECK(
    run({"config", "show"}, {{"STRAVASYNC_STRAVA_CLIENT_SECRET", "hush-hush"}})
      .text.find("hush-hush")
    == std::string::npos);
  run.expect({"migrate", "--dry-run"}, {}, 0, {"pending 0001", "pending 0002"});
  run.expect({"migrate"}, {}, 0, {"applied 0001", "applied 0002"});
  run.expect({"migrate"}, {}, 0, {"up to date"});
  run.expect({"seed", "--athletes", "2", "--activities", "30"}, {}, 0,
             {"with 30 activities"});
}
