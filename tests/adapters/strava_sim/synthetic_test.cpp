#include "adapters/strava_sim/synthetic.hpp"

#include "adapters/strava_sim/calendar.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace stravasync::strava_sim;
using test::sim::json;

namespace {

namespace dom = simdjson::dom;

/// In every activity of the captures.
constexpr std::string_view required_keys[] = {"resource_state",
                                              "athlete",
                                              "name",
                                              "distance",
                                              "moving_time",
                                              "elapsed_time",
                                              "type",
                                              "sport_type",
                                              "id",
                                              "start_date",
                                              "start_date_local",
                                              "timezone",
                                              "utc_offset",
                                              "location_city",
                                              "location_state",
                                              "achievement_count",
                                              "kudos_count",
                                              "comment_count",
                                              "athlete_count",
                                              "photo_count",
                                              "map",
                                              "trainer",
                                              "commute",
                                              "manual",
                                              "private",
                                              "visibility",
                                              "flagged",
                                              "gear_id",
                                              "start_latlng",
                                              "end_latlng",
                                              "average_speed",
                                              "max_speed",
                                              "has_heartrate",
                                              "heartrate_opt_out",
                                              "upload_id",
                                              "external_id",
                                              "from_accepted_tag",
                                              "pr_count",
                                              "total_photo_count",
                                              "has_kudoed",
                                              "total_elevation_gain",
                                              "location_country",
                                              "display_hide_heartrate_option"};

std::string text(dom::element of, std::string_view key) {
  return std::string{std::string_view{of[key]}};
}

double number(dom::element of, std::string_view key) {
  return of[key].get_double();
}

bool has(dom::element of, std::string_view key) {
  return of[key].error() == simdjson::SUCCESS;
}

/// Some hundred activities of several kinds of athletes, parsed.
template <class Check>
void for_each_activity(Check check) {
  for (auto id :
       {80'000'001, 80'000'003, 80'000'005, 80'000'007, 4, 999'999'999})
    for (const auto& activity : synthetic_athlete(id, 1, 300).activities_json) {
      INFO(activity);
      auto parsed = json{activity};
      check(parsed.root());
    }
}

} // namespace

TEST_CASE("the same seed gives the same bytes, another seed others") {
  auto first = synthetic_athlete(80'000'002, 1, 200);
  auto again = synthetic_athlete(80'000'002, 1, 200);
  auto other = synthetic_athlete(80'000'002, 2, 200);
  CHECK(first.athlete_json == again.athlete_json);
  CHECK(first.activities_json == again.activities_json);
  CHECK(first.activities_json != other.activities_json);
  CHECK(first.athlete_json != other.athlete_json);
}

TEST_CASE("a longer history begins with the shorter one") {
  auto all = synthetic_athlete(80'000'002, 1, 500).activities_json;
  auto some = synthetic_athlete(80'000'002, 1, 100).activities_json;
  CHECK(std::ranges::equal(some, std::span{all}.first(100)));
}

TEST_CASE("there are as many activities as asked for, newest first") {
  for (auto count : {0U, 1U, 700U}) {
    auto history = synthetic_athlete(6, 1, count).activities_json;
    CHECK(history.size() == count);
    auto last = std::string{"9999"};
    for (const auto& activity : history) {
      auto parsed = json{activity};
      auto start = parsed.at("/start_date");
      CHECK(start <= last);
      last = start;
    }
  }
}

TEST_CASE("no two activities have the same id, whoever did them") {
  auto seen = std::set<std::int64_t>{};
  auto count = std::size_t{0};
  for (auto id : {1, 2, 80'000'001, 80'000'002, 1'000'000'000})
    for (const auto& activity : synthetic_athlete(id, 1, 300).activities_json) {
      seen.insert(json{activity}.root()["id"].get_int64());
      ++count;
    }
  CHECK(count == 1'500);
  CHECK(seen.size() == count);
}

TEST_CASE("local times follow the zone, in winter and in summer") {
  auto offsets = std::map<std::string, std::set<double>>{};
  for_each_activity([&offsets](dom::element activity) {
    auto start = parse_iso_time(text(activity, "start_date"));
    auto local = parse_iso_time(text(activity, "start_date_local"));
    REQUIRE(start);
    REQUIRE(local);
    auto offset = number(activity, "utc_offset");
    CHECK(static_cast<double>(*local - *start) == offset);
    offsets[text(activity, "timezone")].insert(offset);
  });
  CHECK(offsets.size() >= 4);
  CHECK(offsets["(GMT+02:00) Europe/Helsinki"]
        == std::set<double>{7'200, 10'800});
}

TEST_CASE("keys are present as in Strava's answers") {
  auto manual = 0;
  for_each_activity([&manual](dom::element activity) {
    auto missing = std::string{};
    for (auto key : required_keys)
      if (!has(activity, key))
        missing.append(key).append(" ");
    CHECK(missing.empty());
    auto with_heart = bool{activity["has_heartrate"]};
    CHECK(has(activity, "average_heartrate") == with_heart);
    CHECK(has(activity, "suffer_score") == with_heart);
    CHECK(bool{activity["private"]}
          == (text(activity, "visibility") == "only_me"));
    if (!bool{activity["manual"]})
      return;
    ++manual;
    CHECK(activity["upload_id"].is_null());
    CHECK(activity["external_id"].is_null());
    CHECK_FALSE(has(activity, "upload_id_str"));
    CHECK_FALSE(has(activity, "average_cadence"));
    CHECK_FALSE(has(activity, "elev_high"));
    CHECK(std::string_view{activity["map"]["summary_polyline"]}.empty());
  });
  CHECK(manual > 0);
}

TEST_CASE("figures are those of people") {
  struct range {
    double low, high;
  };
  const auto speeds = std::map<std::string, range>{
    {"Run", {1.6, 5.5}},     {"TrailRun", {1.2, 5}}, {"Ride", {3, 14}},
    {"Swim", {.4, 1.5}},     {"Hike", {.5, 2.2}},    {"AlpineSki", {1.5, 6}},
    {"VirtualRide", {5, 15}}};
  auto sports = std::set<std::string>{};
  for_each_activity([&](dom::element activity) {
    auto sport = text(activity, "sport_type");
    sports.insert(sport);
    auto moving = number(activity, "moving_time");
    auto speed = number(activity, "average_speed");
    CHECK(moving >= 120);
    CHECK(number(activity, "elapsed_time") >= moving);
    CHECK(std::abs(speed - number(activity, "distance") / moving) < .001);
    if (auto known = speeds.find(sport); known != speeds.end()) {
      CHECK(speed > known->second.low);
      CHECK(speed < known->second.high);
    }
    if (has(activity, "average_heartrate")) {
      auto average = number(activity, "average_heartrate");
      CHECK(average > 50);
      CHECK(average <= number(activity, "max_heartrate") + .5);
      CHECK(number(activity, "max_heartrate") < 225);
    }
  });
  CHECK(sports.size() >= 8);
}

TEST_CASE("one skis in winter and swims outdoors in summer") {
  auto months = std::map<std::string, std::map<int, int>>{};
  for (auto id = 80'000'001; id < 80'000'040; ++id)
    for (const auto& activity : synthetic_athlete(id, 1, 150).activities_json) {
      auto parsed = json{activity};
      auto zone = parsed.at("/timezone");
      if (zone.find("Europe") == std::string::npos)
        continue;
      auto sport = parsed.at("/sport_type");
      if (sport == "Swim" && parsed.at("/start_latlng") != "[]")
        sport = "OpenWater";
      auto month = std::stoi(parsed.at("/start_date_local").substr(5, 2));
      ++months[sport][month];
    }
  REQUIRE(months["AlpineSki"].size() > 1);
  REQUIRE(months["OpenWater"].size() > 1);
  for (const auto& [month, count] : months["AlpineSki"])
    CHECK((month <= 4 || month >= 11));
  for (const auto& [month, count] : months["OpenWater"])
    CHECK((month >= 5 && month <= 10));
}

TEST_CASE("the athlete joined shortly before the first activity") {
  auto made = synthetic_athlete(80'000'001, 1, 100);
  auto joined = parse_iso_time(json{made.athlete_json}.at("/created_at"));
  auto first
    = parse_iso_time(json{made.activities_json.back()}.at("/start_date"));
  REQUIRE(joined);
  REQUIRE(first);
  CHECK(*joined < *first);
  CHECK(*first - *joined < 31 * 86'400);
}

TEST_CASE("some athletes hide start times, so several share a second") {
  auto shared = 0;
  for (auto id = 80'000'001; id < 80'000'040 && shared == 0; ++id) {
    auto starts = std::multiset<std::string>{};
    for (const auto& activity : synthetic_athlete(id, 1, 200).activities_json) {
      auto start = json{activity}.at("/start_date");
      shared += starts.contains(start) ? 1 : 0;
      starts.insert(start);
    }
  }
  CHECK(shared > 0);
}
