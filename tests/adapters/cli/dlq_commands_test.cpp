#include "adapters/cli/command.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace stravasync;
using namespace std::chrono_literals;
using cli::action;
using cli::command;
using cli::ending;

namespace {

command parsed(const std::vector<std::string>& arguments) {
  auto result = cli::parse(arguments);
  if (auto* refused = std::get_if<ending>(&result))
    FAIL(refused->text);
  return std::get<command>(std::move(result));
}

std::string refusal(const std::vector<std::string>& arguments) {
  auto result = cli::parse(arguments);
  REQUIRE(std::holds_alternative<ending>(result));
  auto& refused = std::get<ending>(result);
  CHECK(refused.exit_code == 2);
  CHECK(std::ranges::count(refused.text, '\n') == 1);
  return refused.text;
}

} // namespace

TEST_CASE("dlq list takes filters", "[cli]") {
  auto what = parsed({"dlq", "list", "--durable", "d", "--reason", "no page",
                      "--athlete", "7", "--older-than", "15m", "--newer-than",
                      "2h", "--json", "--url", "http://node:8080"});
  CHECK(what.what == action::dlq_list);
  CHECK(what.dlq.durable == "d");
  CHECK(what.dlq.reason == "no page");
  CHECK(what.dlq.athlete == 7);
  CHECK(what.dlq.older_than == 15min);
  CHECK(what.dlq.newer_than == 2h);
  CHECK(what.dlq.json);
  CHECK(what.url == "http://node:8080");
}

TEST_CASE("dlq retry and drop take ids, or all that the filters let through",
          "[cli]") {
  auto what = parsed({"dlq", "retry", "3", "4", "--dry-run"});
  CHECK(what.what == action::dlq_retry);
  CHECK(what.dlq.ids == std::vector<std::uint64_t>{3, 4});
  CHECK(what.dry_run);
  what = parsed({"dlq", "drop", "--all", "--athlete=7"});
  CHECK(what.what == action::dlq_drop);
  CHECK(what.dlq.all);
  CHECK(what.dlq.athlete == 7);
}

TEST_CASE("dlq show takes one id", "[cli]") {
  auto what = parsed({"dlq", "show", "12"});
  CHECK(what.what == action::dlq_show);
  CHECK(what.dlq.ids == std::vector<std::uint64_t>{12});
  refusal({"dlq", "show"});
  CHECK(refusal({"dlq", "show", "1", "2"}).find("id takes one value only")
        != std::string::npos);
}

TEST_CASE("dlq refuses what is no choice", "[cli]") {
  CHECK(refusal({"dlq"}).find("dlq needs one of") != std::string::npos);
  CHECK(refusal({"dlq", "retry"}).find("needs either ids or --all")
        != std::string::npos);
  CHECK(refusal({"dlq", "drop", "1", "--all"}).find("either ids or --all")
        != std::string::npos);
  CHECK(refusal({"dlq", "retry", "1", "--athlete", "7"})
          .find("--athlete goes with --all")
        != std::string::npos);
  refusal({"dlq", "retry", "0"});
  refusal({"dlq", "retry", "x"});
  refusal({"dlq", "retry", "-1"});
  refusal({"dlq", "list", "--athlete", "0"});
  refusal({"dlq", "list", "--older-than", "soon"});
  refusal({"dlq", "list", "--older-than", "1ms"});
  refusal({"dlq", "list", "--durable", std::string(257, 'x')});
}

TEST_CASE("dlq says which flag has the wrong value, and what is right",
          "[cli]") {
  CHECK(refusal({"dlq", "list", "--older-than", "soon"})
        == "stravasync: --older-than: 'soon' is no time such as 90s, 15m, 2h "
           "or 7d, from 1s (see stravasync --help)\n");
  CHECK(refusal({"dlq", "list", "--athlete", "Ada"})
        == "stravasync: --athlete: 'Ada' is no id: a whole number above 0 (see "
           "stravasync --help)\n");
  CHECK(refusal({"dlq", "list", "--athlete=1", "--athlete=2"})
          .find("--athlete takes one value only")
        != std::string::npos);
}

TEST_CASE("a filter without a value does not let everything through", "[cli]") {
  for (const auto* flag :
       {"--durable", "--reason", "--athlete", "--older-than", "--newer-than"})
    CHECK(refusal({"dlq", "drop", "--all", flag, ""}).find(flag)
          != std::string::npos);
}
