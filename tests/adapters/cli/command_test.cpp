#include "adapters/cli/command.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <initializer_list>
#include <sstream>

using namespace stravasync;
using cli::action;
using cli::command;
using cli::ending;

namespace {

std::variant<command, ending> parse(std::vector<std::string> arguments) {
  return cli::parse(arguments);
}

command parsed(std::vector<std::string> arguments) {
  auto result = parse(std::move(arguments));
  if (auto* refused = std::get_if<ending>(&result))
    FAIL(refused->text);
  return std::get<command>(std::move(result));
}

/// @returns the one line on standard error.
std::string refusal(std::vector<std::string> arguments) {
  auto result = parse(std::move(arguments));
  REQUIRE(std::holds_alternative<ending>(result));
  auto& refused = std::get<ending>(result);
  CHECK(refused.exit_code == 2);
  CHECK(std::ranges::count(refused.text, '\n') == 1);
  return refused.text;
}

} // namespace

TEST_CASE("without arguments the node runs", "[cli]") {
  auto command = parsed({});
  CHECK(command.what == action::run);
  CHECK(command.config_file.empty());
  CHECK(command.flags.empty());
}

TEST_CASE("each command is recognized", "[cli]") {
  CHECK(parsed({"run"}).what == action::run);
  CHECK(parsed({"config", "check"}).what == action::config_check);
  CHECK(parsed({"config", "show"}).what == action::config_show);
  CHECK(parsed({"config", "example"}).what == action::config_example);
  CHECK_FALSE(parsed({"migrate"}).dry_run);
  CHECK(parsed({"migrate", "--dry-run"}).dry_run);
  auto seed = parsed({"seed", "--athletes", "5", "--activities=7"});
  CHECK(seed.what == action::seed);
  CHECK(seed.athletes == 5);
  CHECK(seed.activities == 7);
}

TEST_CASE("nodes are asked of a running one", "[cli]") {
  auto all = parsed({"nodes", "--json", "--url=http://node:1"});
  CHECK(all.what == action::nodes);
  CHECK(all.nodes_json);
  CHECK(all.url == "http://node:1");
  CHECK_FALSE(parsed({"nodes"}).nodes_json);
}

TEST_CASE("the budget is shown, or reset by who is sure", "[cli]") {
  auto shown = parsed({"budget", "--json", "--url=http://node:1"});
  CHECK(shown.what == action::budget_show);
  CHECK(shown.budget_json);
  CHECK(shown.url == "http://node:1");
  CHECK(parsed({"budget", "reset", "--yes"}).what == action::budget_reset);
  CHECK(refusal({"budget", "reset"}).find("--yes") != std::string::npos);
  refusal({"budget", "forget"});
}

TEST_CASE("deletions are confirmed for one athlete", "[cli]") {
  auto one = parsed({"sync", "confirm", "70000001", "--url=http://node:1"});
  CHECK(one.what == action::sync_confirm);
  CHECK(one.athlete == 70'000'001);
  CHECK(one.url == "http://node:1");
  CHECK_FALSE(one.dry_run);
  CHECK(parsed({"sync", "confirm", "7", "--dry-run"}).dry_run);
  CHECK(refusal({"sync"}).find("needs one of confirm") != std::string::npos);
  CHECK(refusal({"sync", "confirm"}).find("athlete") != std::string::npos);
  for (const auto* id : {"0", "-1", "x", ""})
    CHECK_FALSE(refusal({"sync", "confirm", id}).empty());
}

TEST_CASE("schedules are listed, or the runs of one", "[cli]") {
  auto all = parsed({"schedules", "--json", "--url=http://node:1"});
  CHECK(all.what == action::schedules_list);
  CHECK(all.schedules.json);
  CHECK(all.url == "http://node:1");
  auto runs = parsed({"schedules", "runs", "relist", "--json"});
  CHECK(runs.what == action::schedules_runs);
  CHECK(runs.schedules.name == "relist");
  CHECK(runs.schedules.json);
  CHECK_FALSE(parsed({"schedules"}).schedules.json);
  CHECK(refusal({"schedules", "runs"}).find("NAME") != std::string::npos);
  refusal({"schedules", "walks"});
}

TEST_CASE("flags are settings, before and behind a command", "[cli]") {
  auto before = parsed({"--config", "a.toml", "--role=all,sim", "migrate"});
  auto behind = parsed({"migrate", "--config=a.toml", "--role", "all,sim"});
  for (const auto& command : {before, behind}) {
    CHECK(command.what == action::migrate);
    CHECK(command.config_file == "a.toml");
    REQUIRE(command.flags.size() == 1);
    CHECK(command.flags[0].key == "node.roles");
    CHECK(command.flags[0].value == "all,sim");
    CHECK(command.flags[0].shown == "--role=all,sim");
  }
  CHECK(parsed({"config", "show", "--log-level", "debug"}).flags.size() == 1);
}

TEST_CASE("--set gives any key, as often as one likes", "[cli]") {
  auto command = parsed({"--set", "strava.api_url=http://x/?a=b", "--set",
                         "log.level=debug", "config", "show"});
  REQUIRE(command.flags.size() == 2);
  CHECK(command.flags[0].key == "strava.api_url");
  CHECK(command.flags[0].value == "http://x/?a=b");
  CHECK(command.flags[1].key == "log.level");
  CHECK(command.what == action::config_show);
}

TEST_CASE("of a flag given twice the last holds", "[cli]") {
  auto command = parsed({"--role=all", "--role=sim"});
  REQUIRE(command.flags.size() == 1);
  CHECK(command.flags[0].value == "sim");
}

TEST_CASE("a wrong command line is one line with a suggestion", "[cli]") {
  CHECK(refusal({"--rol=all"})
        == "stravasync: unknown flag --rol, did you mean --role? (see "
           "stravasync --help)\n");
  CHECK(refusal({"migrat"})
        == "stravasync: unknown command migrat, did you mean migrate? (see "
           "stravasync --help)\n");
  CHECK(refusal({"config", "shwo"})
        == "stravasync: unknown command shwo, did you mean show? (see "
           "stravasync --help)\n");
  CHECK(refusal({"migrate", "--dry"})
          .starts_with("stravasync: unknown flag --dry"));
  CHECK(refusal({"--zzzzzzzz"})
        == "stravasync: unknown flag --zzzzzzzz (see stravasync --help)\n");
  CHECK(refusal({"-x"}).starts_with("stravasync: unknown flag -x"));
  CHECK(refusal({"--set", "x"})
        == "stravasync: --set x: expected KEY=VALUE (see stravasync "
           "--help)\n");
}

TEST_CASE("an unknown flag is named, whatever the command", "[cli]") {
  using words = std::vector<std::string>;
  for (auto command :
       std::vector<words>{{"run"},
                          {"config"},
                          {"config", "check"},
                          {"config", "show"},
                          {"config", "example"},
                          {"migrate"},
                          {"seed"},
                          {"health"},
                          {"nodes"},
                          {"streams", "list"},
                          {"streams", "apply"},
                          {"replay"},
                          {"replay", "--stream", "JOBS", "--into", "print"},
                          {"dlq", "list"},
                          {"dlq", "show"},
                          {"dlq", "show", "1"},
                          {"dlq", "retry"},
                          {"dlq", "retry", "1", "2"},
                          {"dlq", "retry", "--all"},
                          {"dlq", "drop"},
                          {"dlq", "drop", "--all"},
                          {"schedules"},
                          {"schedules", "runs"},
                          {"schedules", "runs", "relist"},
                          {"budget"},
                          {"budget", "reset"},
                          {"budget", "reset", "--yes"},
                          {"sync", "confirm"},
                          {"sync", "confirm", "7"}}) {
    for (const auto* flag : {"--yess", "--zzzzzzzz=1", "-x"}) {
      auto with = command;
      with.emplace_back(flag);
      auto name = std::string{flag};
      CHECK(refusal(with).starts_with("stravasync: unknown flag "
                                      + name.substr(0, name.find('='))));
    }
  }
  CHECK(refusal({"dlq", "retry", "--all", "--yes"})
          .starts_with("stravasync: unknown flag --yes"));
  CHECK(refusal({"sync", "confirm", "7", "--dryrun"})
        == "stravasync: unknown flag --dryrun, did you mean --dry-run? (see "
           "stravasync --help)\n");
}

TEST_CASE("a missing or wrong value is named with its flag", "[cli]") {
  CHECK(refusal({"--role"})
        == "stravasync: --role needs a value (see stravasync --help)\n");
  CHECK(refusal({"--role="})
        == "stravasync: --role needs a value (see stravasync --help)\n");
  CHECK(refusal({"config"})
        == "stravasync: config needs one of check, show and example (see "
           "stravasync --help)\n");
  // How the range is written differs between versions of the library.
  CHECK(refusal({"seed", "--athletes", "0"})
          .starts_with("stravasync: --athletes: Value 0 not in range "));
  CHECK(refusal({"seed", "--athletes", "many"}).find("--athletes")
        != std::string::npos);
  CHECK(refusal({"run", "migrate"})
        == "stravasync: migrate does not belong there (see stravasync "
           "--help)\n");
}

TEST_CASE("help and version end the program well", "[cli]") {
  auto result = parse({"--version"});
  REQUIRE(std::holds_alternative<ending>(result));
  CHECK(std::get<ending>(result).exit_code == 0);
  CHECK(std::get<ending>(result).text == cli::version_text() + "\n");

  auto arguments = GENERATE(std::vector<std::string>{"--help"},
                            std::vector<std::string>{"-h"});
  result = parse(arguments);
  REQUIRE(std::holds_alternative<ending>(result));
  auto& help = std::get<ending>(result);
  CHECK(help.exit_code == 0);
  for (const auto* part : {"--role", "--set", "config", "migrate", "seed",
                           "--version", "STRAVASYNC_HTTP_LISTEN", "Examples"})
    CHECK(help.text.find(part) != std::string::npos);
  auto lines = std::istringstream{help.text};
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 100);
  }
}

TEST_CASE("a command has help of its own", "[cli]") {
  auto result = parse({"seed", "--help"});
  REQUIRE(std::holds_alternative<ending>(result));
  CHECK(std::get<ending>(result).text.find("--athletes") != std::string::npos);
}
