#include "adapters/strava_sim/activity_edit.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace stravasync::strava_sim;

namespace {

const std::string activity
  = R"({"athlete":{"id":7},"name":"Run","type":"Run","sport_type":"Run",)"
    R"("id":12,"start_date":"2024-01-01T10:00:00Z",)"
    R"("start_date_local":"2024-01-01T11:00:00Z","utc_offset":3600.0,)"
    R"("private":false,"visibility":"everyone","max_speed":3.10})";

std::string edited(const std::string& changes) {
  auto result = edit_activity(activity, changes);
  REQUIRE(result);
  return *result;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string refusal(const std::string& changes) {
  auto result = edit_activity(activity, changes);
  REQUIRE_FALSE(result);
  CHECK(code_of(result.error()) == ec::invalid_argument);
  return detail_of(result.error());
}

} // namespace

TEST_CASE("what is not changed keeps its bytes and its place") {
  CHECK(edited("{}") == activity);
  auto result = edited(R"({"name":"Long \"run\" 🏃"})");
  auto expected = activity;
  expected.replace(expected.find(R"("Run")"), 5, R"("Long \"run\" 🏃")");
  CHECK(result == expected);
}

TEST_CASE("visibility and private change together") {
  CHECK(contains(edited(R"({"visibility":"only_me"})"), R"("private":true)"));
  CHECK(contains(edited(R"({"private":true})"), R"("visibility":"only_me")"));
}

TEST_CASE("a sport brings its older type, an unknown one itself") {
  CHECK(contains(edited(R"({"sport_type":"TrailRun"})"),
                 R"("type":"Run","sport_type":"TrailRun")"));
  CHECK(contains(edited(R"({"sport_type":"Curling"})"),
                 R"("type":"Curling","sport_type":"Curling")"));
}

TEST_CASE("a start brings its local time") {
  CHECK(contains(edited(R"({"start_date":"2023-05-05T05:00:00Z"})"),
                 R"("start_date_local":"2023-05-05T06:00:00Z")"));
}

TEST_CASE("members that Strava does not have can be invented") {
  CHECK(contains(edited(R"({"shoes_tied":{"left": [1, 2]}})"),
                 R"("shoes_tied":{"left": [1, 2]}})"));
}

TEST_CASE("a wrong change is refused by the name of what is wrong") {
  CHECK(refusal(R"({"id":13})") == "id cannot be changed");
  CHECK(refusal(R"({"name":5})") == "name must be a string");
  CHECK(refusal(R"({"distance":-1})").starts_with("distance must be"));
  CHECK(refusal(R"({"moving_time":1.5})").starts_with("moving_time must be"));
  CHECK(refusal(R"({"private":"yes"})") == "private must be true or false");
  CHECK(refusal(R"({"visibility":"me"})").starts_with("visibility must be"));
  CHECK(refusal(R"({"start_date":"now"})").starts_with("start_date must be"));
  CHECK(refusal("5").starts_with("the body is no JSON object"));
  CHECK(refusal(R"({"name":)").starts_with("the body is no JSON object"));
}

TEST_CASE("an array is cut into its objects, byte for byte") {
  auto second = activity;
  second.replace(second.find("\"id\":12"), 7, "\"id\":13");
  auto read = read_activities("[ " + activity + " ,\n" + second + "\n]\n");
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(read->at(0).json == activity);
  CHECK(read->at(1).json == second);
  CHECK(read->at(1).entry.id == 13);
  CHECK(read->at(1).athlete_id == 7);
  CHECK(read->at(1).entry.start_s == 1'704'103'200);
}

TEST_CASE("a broken array is refused with the place") {
  for (const auto& broken :
       {std::string{"{}"}, std::string{"["}, "[" + activity + ",{}]",
        "[" + activity + "," + activity.substr(0, 40)}) {
    auto read = read_activities(broken);
    REQUIRE_FALSE(read);
    CHECK(code_of(read.error()) == ec::malformed);
  }
  CHECK(detail_of(read_activities("[" + activity + ",{}]").error())
          .starts_with("activity 2: "));
}
