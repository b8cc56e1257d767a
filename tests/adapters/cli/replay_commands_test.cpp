#include "adapters/cli/command.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace stravasync;

namespace {

std::variant<cli::command, cli::ending>
parse(const std::vector<std::string>& arguments) {
  return cli::parse(arguments);
}

} // namespace

TEST_CASE("a replay is taken as it was typed", "[cli]") {
  auto result = parse({"replay", "--stream", "JOBS", "--into", "subject:x.>",
                       "--subject", "jobs.*.7", "--from", "15m", "--to=9",
                       "--athlete", "70000001", "--speed", "10x", "--force"});
  auto* got = std::get_if<cli::command>(&result);
  REQUIRE(got != nullptr);
  CHECK(got->what == cli::action::replay);
  const auto& replay = got->replay;
  CHECK(replay.stream == "JOBS");
  CHECK(replay.into == "subject:x.>");
  CHECK(replay.subject == "jobs.*.7");
  CHECK(replay.from == "15m");
  CHECK(replay.to == "9");
  CHECK(replay.athlete_id == 70'000'001);
  CHECK(replay.speed == "10x");
  CHECK(replay.force);
  CHECK_FALSE(replay.step);
  CHECK_FALSE(replay.pretty);
}

TEST_CASE("a replay of everything at once is the default", "[cli]") {
  auto result = parse({"replay", "--stream", "JOBS", "--into", "print"});
  auto* got = std::get_if<cli::command>(&result);
  REQUIRE(got != nullptr);
  CHECK(got->replay.speed == "max");
  CHECK(got->replay.from.empty());
  CHECK(got->replay.athlete_id == 0);
}

TEST_CASE("a replay needs a stream and somewhere to go", "[cli]") {
  for (const auto& some : {std::vector<std::string>{"replay"},
                           {"replay", "--stream", "JOBS"},
                           {"replay", "--into", "print"},
                           {"replay", "--stream", "JOBS", "--into", "print",
                            "--athlete", "Ada"}}) {
    auto result = parse(some);
    auto* refused = std::get_if<cli::ending>(&result);
    REQUIRE(refused != nullptr);
    CHECK(refused->exit_code == 2);
  }
}

TEST_CASE("what narrows a replay has a value", "[cli]") {
  for (const auto* flag : {"--subject", "--athlete", "--from", "--to"}) {
    auto result
      = parse({"replay", "--stream", "JOBS", "--into", "print", flag, ""});
    auto* refused = std::get_if<cli::ending>(&result);
    REQUIRE(refused != nullptr);
    CHECK(refused->exit_code == 2);
    CHECK(refused->text.find(flag) != std::string::npos);
  }
}

TEST_CASE("a required flag that is misspelt is named", "[cli]") {
  auto result = parse({"replay", "--strem", "JOBS", "--into", "print"});
  auto* refused = std::get_if<cli::ending>(&result);
  REQUIRE(refused != nullptr);
  CHECK(refused->text
        == "stravasync: unknown flag --strem, did you mean --stream? (see "
           "stravasync --help)\n");
}
