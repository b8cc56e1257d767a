#include "adapters/strava_sim/faults.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace stravasync::strava_sim;

TEST_CASE("a fault happens as often as it is asked for") {
  auto plan = fault_plan{0, 1};
  plan.add({.mode = fault_mode::close, .count = 2});
  CHECK(plan.take("/athlete", 1) == fault_mode::close);
  CHECK(plan.take("/athlete", 1) == fault_mode::close);
  CHECK(plan.take("/athlete", 1) == fault_mode::none);
}

TEST_CASE("a fault keeps to its athlete and its path") {
  auto plan = fault_plan{0, 1};
  plan.add({.mode = fault_mode::hang, .athlete_id = 5, .path = "/activities"});
  CHECK(plan.take("/activities/9", 4) == fault_mode::none);
  CHECK(plan.take("/athlete", 5) == fault_mode::none);
  CHECK(plan.take("/activities/9", 5) == fault_mode::hang);
}

TEST_CASE("OAuth is spared unless its path is named") {
  auto plan = fault_plan{1, 1};
  plan.add({.mode = fault_mode::close});
  CHECK(plan.take("/oauth/token", 0) == fault_mode::none);
  plan.add({.mode = fault_mode::error500, .path = "/oauth/token"});
  CHECK(plan.take("/oauth/token", 0) == fault_mode::error500);
}

TEST_CASE("mode none takes all faults back") {
  auto plan = fault_plan{0, 1};
  plan.add({.mode = fault_mode::inactive});
  plan.add({});
  CHECK(plan.take("/athlete", 1) == fault_mode::none);
}

TEST_CASE("rates hold in the long run") {
  auto plan = fault_plan{.1, 1};
  auto failed = 0;
  for (auto i = 0; i < 10'000; ++i)
    failed += plan.take("/athlete", 1) == fault_mode::error500 ? 1 : 0;
  CHECK(failed > 850);
  CHECK(failed < 1'150);
}

TEST_CASE("a fault is read from JSON") {
  auto read = read_fault(
    R"({"mode":"cut_json","count":3,"rate":0.5,"athlete_id":7,"path":"/a"})");
  REQUIRE(read);
  CHECK(read->mode == fault_mode::cut_json);
  CHECK(read->count == 3U);
  CHECK(read->rate == 0.5);
  CHECK(read->athlete_id == 7);
  CHECK(read->path == "/a");
}

TEST_CASE("a wrong fault is refused by the name of what is wrong") {
  auto detail = [](const std::string& json) {
    auto read = read_fault(json);
    REQUIRE_FALSE(read);
    CHECK(code_of(read.error()) == ec::invalid_argument);
    return detail_of(read.error());
  };
  CHECK(detail("[]") == "the body is no JSON object");
  CHECK(detail("{") == "the body is no JSON object");
  CHECK(detail("{}") == "mode is missing");
  CHECK(detail(R"({"mode":"melt"})").starts_with("mode must be none, "));
  CHECK(detail(R"({"mode":"hang","count":0})").starts_with("count must be"));
  CHECK(detail(R"({"mode":"hang","rate":2})").starts_with("rate must be"));
  CHECK(detail(R"({"mode":"hang","path":"x"})").starts_with("path must be"));
  CHECK(detail(R"({"mode":"hang","when":1})").starts_with("when is not known"));
}
