#include "tests/faults/runner.hpp"

#include <SQLiteCpp/Database.h>
#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace test;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

std::size_t count(const std::string& text, const std::string& part) {
  auto result = std::size_t{0};
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++result;
  return result;
}

/// An installation that ran once and stored an athlete's tokens.
struct used_installation {
  used_installation() {
    on.start_sim();
    on.start_app();
    REQUIRE(on.connect(80000001).status == 302);
    REQUIRE(on.wait_for_state(80000001, "complete", 60s));
    REQUIRE(on.app().stop(20s) == 0);
    run.environment.emplace_back("STRAVASYNC_STRAVA_CLIENT_ID", "1");
    for (auto& [name, value] : run.environment)
      if (name == "STRAVASYNC_NODE_DATA_DIR")
        value = data();
  }

  [[nodiscard]] std::string data() const {
    return (on.folder() / "data").string();
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return data() + "/" + name;
  }

  installation on{{{"STRAVASYNC_SIM_LATENCY", "0"}}};
  runner run;
};

} // namespace

TEST_CASE("what a node keeps is its own user's only", "[faults]") {
  used_installation used;
  CHECK(mode_of(used.data()) == 0700);
  for (const auto& each : fs::directory_iterator{used.data()}) {
    INFO(each.path());
    CHECK(mode_of(each.path()) == 0600);
  }
}

TEST_CASE("what an older version left open is closed, and said once",
          "[faults]") {
  used_installation used;
  fs::permissions(used.data(), fs::perms{0755});
  fs::permissions(used.file("bus.db"), fs::perms{0644});
  fs::permissions(used.file("stravasync.db"), fs::perms{0640});
  used.on.start_app();
  REQUIRE(used.on.app().stop(20s) == 0);
  CHECK(mode_of(used.data()) == 0700);
  CHECK(mode_of(used.file("bus.db")) == 0600);
  CHECK(mode_of(used.file("stravasync.db")) == 0600);
  used.on.start_app();
  auto said = used.on.app().output();
  REQUIRE(used.on.app().stop(20s) == 0);
  CHECK(count(said, "the data folder was open to other users") == 1);
  CHECK(count(said, "files were open to other users") == 1);
}

TEST_CASE("a missing token.key beside stored tokens is asked for, and none is "
          "made",
          "[faults]") {
  used_installation used;
  auto key = used.file("token.key");
  fs::rename(key, used.file("kept"));
  for (auto round = 0; round < 2; ++round)
    used.run.expect({"--role=all"}, {}, cannot_run,
                    {key + " is missing", "put it back"});
  CHECK_FALSE(fs::exists(key));
  fs::rename(used.file("kept"), key);
  used.on.start_app();
  CHECK(used.on.app().stop(20s) == 0);
}

TEST_CASE("a damaged file ends the start with what to do", "[faults]") {
  used_installation used;
  SECTION("the bus's, without a table") {
    SQLite::Database{used.file("bus.db"), SQLite::OPEN_READWRITE}.exec(
      "DROP TABLE subject");
    used.run.expect({"--role=all"}, {}, cannot_run,
                    {"bus.db is damaged: no such table: subject",
                     "move it and its -wal file"});
    fs::rename(used.file("bus.db"), used.file("bus.old"));
    used.on.start_app();
    CHECK(used.on.app().stop(20s) == 0);
  }
  SECTION("the store's, in the middle") {
    auto file = std::fstream{used.file("stravasync.db"),
                             std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(3 * 8'192);
    file << std::string(8'192, '\xaa');
    file.close();
    used.run.expect({"--role=all"}, {}, cannot_run,
                    {"stravasync.db is damaged", "replay --stream INGEST"});
  }
}

TEST_CASE("a thread that the system refuses is said, without an abort",
          "[faults]") {
  if (::geteuid() != 0 || !is_installed("setpriv") || !is_installed("prlimit"))
    SKIP("needs root, setpriv and prlimit to be a user with a limit");
  // Nobody else's threads count: a user of this test's own.
  auto user = std::to_string(1'000'000 + ::getpid());
  for (auto most : {1, 2, 4, 6, 8, 10, 12, 14, 16, 20}) {
    INFO("at most " << most);
    runner run;
    fs::permissions(run.folder.path(), fs::perms{0777});
    run.before = {"setpriv", "--reuid=" + user, "--clear-groups", "prlimit",
                  "--nproc=" + std::to_string(most)};
    auto got = run({"--role=all,sim", "--fail-fast"});
    if (got.code == -1) // It has enough of them, and runs.
      break;
    INFO(got.text);
    CHECK(got.code == cannot_run);
    CHECK((got.text.find("ulimit -u") != std::string::npos
           || got.text.find("cannot run") != std::string::npos));
  }
}

TEST_CASE("the number of open files is raised as far as it may be",
          "[faults]") {
  if (!is_installed("prlimit"))
    SKIP("prlimit is not installed");
  runner run;
  run.before = {"prlimit", "--nofile=64:200"};
  auto program
    = process::spawn({{"prlimit", "--nofile=64:200",
                       STRAVASYNC_BINARY_DIR "/stravasync", "--role=all,sim"},
                      run.environment,
                      run.folder.file("limited.log")});
  REQUIRE(eventually(
    [&] { return program.output().find("ready: open") != std::string::npos; },
    20s));
  rlimit found{};
  REQUIRE(::prlimit(program.pid(), RLIMIT_NOFILE, nullptr, &found) == 0);
  CHECK(found.rlim_cur == 200);
  CHECK(program.output().find("fewer connections than the settings of http")
        != std::string::npos);
  program.kill(SIGTERM);
  CHECK(program.wait(20s) == 0);
}
