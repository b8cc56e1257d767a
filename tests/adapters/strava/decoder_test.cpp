#include "actors/ports/entities.hpp"
#include "tests/adapters/strava/calls.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;

namespace {

// The run of facts 4.2, polyline cut.
constexpr auto real_run = std::string_view{
  R"({"resource_state":2,"athlete":{"id":12345678,"resource_state":1},)"
  R"("name":"Morning Run","distance":22601.3,"moving_time":7772,)"
  R"("elapsed_time":7792,"total_elevation_gain":202.0,"type":"Run",)"
  R"("sport_type":"TrailRun","workout_type":null,"id":16181809559,)"
  R"("start_date":"2025-10-18T12:49:52Z",)"
  R"("start_date_local":"2025-10-18T08:49:52Z",)"
  R"("timezone":"(GMT-05:00) America/New_York","utc_offset":-14400.0,)"
  R"("location_city":null,"achievement_count":4,"photo_count":0,)"
  R"("map":{"id":"a16181809559","summary_polyline":"khwwFdvsbMgBeBVk@",)"
  R"("resource_state":2},"trainer":false,"commute":true,"manual":false,)"
  R"("private":false,"visibility":"everyone","gear_id":"g19999385",)"
  R"("start_latlng":[40.7567,-73.9979],"average_speed":2.908,)"
  R"("max_speed":7.1,"average_cadence":78.7,"average_watts":211.5,)"
  R"("has_heartrate":true,"average_heartrate":159.6,"max_heartrate":174.0,)"
  R"("device_name":"Forerunner","upload_id":17265595469})"};

caf::expected<activity> decode(std::string_view json) {
  return strava::make_decoder()->decode_activity(json);
}

/// An activity with only what it must have, and `fields`.
std::string small_activity(std::string_view fields) {
  return R"({"id":5,"start_date":"2025-10-18T12:49:52Z",)" + std::string{fields}
         + "}";
}

} // namespace

TEST_CASE("every column of a real activity is filled") {
  auto row = decode(real_run);
  REQUIRE(row);
  CHECK(row->id == 16'181'809'559);
  CHECK(row->athlete_id == 12'345'678);
  CHECK(row->name == "Morning Run");
  CHECK(row->sport_type == "TrailRun");
  CHECK(row->start_at_ms == 1'760'791'792'000);
  CHECK(row->start_local_at_ms == 1'760'777'392'000);
  CHECK(row->timezone == "(GMT-05:00) America/New_York");
  CHECK(row->utc_offset_s == -14'400);
  CHECK(row->distance_m == 22'601.3);
  CHECK(row->moving_time_s == 7'772);
  CHECK(row->elapsed_time_s == 7'792);
  CHECK(row->total_elevation_gain_m == 202);
  CHECK(row->visibility == "everyone");
  CHECK_FALSE(row->manual);
  CHECK_FALSE(row->trainer);
  CHECK(row->commute);
  CHECK(row->gear_id == "g19999385");
  CHECK(row->device_name == "Forerunner");
  CHECK(row->summary_polyline == "khwwFdvsbMgBeBVk@");
  CHECK(row->average_speed_mps == 2.908);
  CHECK(row->max_speed_mps == 7.1);
  CHECK(row->average_heartrate_bpm == 159.6);
  CHECK(row->max_heartrate_bpm == 174);
  CHECK(row->average_cadence_rpm == 78.7);
  CHECK(row->average_watts == 211.5);
  CHECK(row->fetched_at_ms == 0);
  CHECK_FALSE(row->deleted_at_ms);
  CHECK(row->raw == real_run);
}

TEST_CASE("a manual activity without recording keeps the defaults") {
  auto row = decode(small_activity(
    R"("manual":true,"upload_id":null,"external_id":null,"start_latlng":[],)"
    R"("map":{"id":"a5","summary_polyline":"","resource_state":2},)"
    R"("total_elevation_gain":0,"max_speed":0,"gear_id":null,)"
    R"("sport_type":"Swim")"));
  REQUIRE(row);
  CHECK(row->manual);
  CHECK(row->sport_type == "Swim");
  CHECK(row->summary_polyline.empty());
  CHECK(row->gear_id.empty());
  CHECK(row->max_speed_mps == 0);
  CHECK_FALSE(row->average_speed_mps);
  CHECK_FALSE(row->average_heartrate_bpm);
  CHECK(row->athlete_id == 0);
}

TEST_CASE("null is the same as absent for every field but id and start") {
  auto row = decode(small_activity(
    R"("athlete":null,"name":null,"distance":null,"moving_time":null,)"
    R"("elapsed_time":null,"total_elevation_gain":null,"type":null,)"
    R"("sport_type":null,"start_date_local":null,"timezone":null,)"
    R"("utc_offset":null,"map":null,"trainer":null,"commute":null,)"
    R"("manual":null,"private":null,"visibility":null,"gear_id":null,)"
    R"("average_speed":null,"max_speed":null,"average_cadence":null,)"
    R"("average_heartrate":null,"max_heartrate":null,"average_watts":null,)"
    R"("device_name":null)"));
  REQUIRE(row);
  activity expected;
  expected.id = 5;
  expected.start_at_ms = 1'760'791'792'000;
  expected.start_local_at_ms = expected.start_at_ms;
  expected.raw = row->raw;
  CHECK(*row == expected);
  CHECK(decode(small_activity(R"("map":{"summary_polyline":null})")));
  CHECK(decode(small_activity(R"("map":{},"athlete":{})")));
}

TEST_CASE("numbers may come as integers or as floats") {
  auto row = decode(small_activity(
    R"("moving_time":474287.0,"elapsed_time":1e3,"distance":5000,)"
    R"("utc_offset":7200,"average_speed":3,"athlete":{"id":7})"));
  REQUIRE(row);
  CHECK(row->moving_time_s == 474'287);
  CHECK(row->elapsed_time_s == 1'000);
  CHECK(row->distance_m == 5'000);
  CHECK(row->utc_offset_s == 7'200);
  CHECK(row->average_speed_mps == 3);
}

TEST_CASE("an id beyond 2^53 is decoded exactly") {
  auto row = decode(
    R"({"id":3085395771834188817,"start_date":"2025-10-18T12:49:52Z"})");
  REQUIRE(row);
  CHECK(row->id == 3'085'395'771'834'188'817);
}

TEST_CASE("unknown sports, fields and visibilities are kept") {
  auto text = small_activity(
    R"("sport_type":"UnderwaterHockey","visibility":"friends_of_friends",)"
    R"("new":{"deep":[1,{"id":99,"name":"no"}]},"i\u0064x":1)");
  auto row = decode(text);
  REQUIRE(row);
  CHECK(row->id == 5);
  CHECK(row->sport_type == "UnderwaterHockey");
  CHECK(row->visibility == "friends_of_friends");
  CHECK(row->name.empty());
  CHECK(row->raw == text);
}

TEST_CASE("without sport_type the older type stands in") {
  auto row = decode(small_activity(R"("type":"Ride")"));
  REQUIRE(row);
  CHECK(row->sport_type == "Ride");
}

TEST_CASE("an absent local start is computed from the offset") {
  auto row = decode(small_activity(R"("utc_offset":-14400.0)"));
  REQUIRE(row);
  CHECK(row->start_local_at_ms == row->start_at_ms - 14'400'000);
}

TEST_CASE("a private activity without visibility counts as only_me") {
  auto row = decode(small_activity(R"("private":true)"));
  REQUIRE(row);
  CHECK(row->visibility == "only_me");
}

TEST_CASE("escapes in text are resolved") {
  auto row = decode(small_activity(
    R"("name":"Tour \"\u00e9t\u00e9\" \ud83d\udeb4 \n","n\u0061me2":1)"));
  REQUIRE(row);
  CHECK(row->name == "Tour \"\u00e9t\u00e9\" \U0001F6B4 \n");
}

TEST_CASE("a field of the wrong type is named") {
  auto [field, value] = GENERATE(
    std::pair{"name", "7"}, std::pair{"distance", "\"far\""},
    std::pair{"moving_time", "true"}, std::pair{"moving_time", "1e300"},
    std::pair{"manual", "\"yes\""}, std::pair{"map", "[]"},
    std::pair{"athlete", "7"}, std::pair{"start_date_local", "\"noon\""},
    std::pair{"average_watts", "{}"}, std::pair{"gear_id", "[1]"});
  auto row = decode(small_activity("\"" + std::string{field} + "\":" + value));
  CHECK(failure_of(row) == ec::malformed);
  CHECK(text_of(row).find(std::string{field} + " ") != std::string::npos);
}

TEST_CASE("an activity without id or start is malformed") {
  auto a_time = std::string{
    ", must be a time of the years 1 to 9999 such as 2018-02-16T14:52:54Z"};
  CHECK(text_of(decode(R"({"start_date":"2025-10-18T12:49:52Z"})"))
        == "an activity of unknown id: id is nothing, must be a whole number "
           "above 0");
  CHECK(text_of(decode(R"({"id":0,"start_date":"2025-10-18T12:49:52Z"})"))
        == "an activity of unknown id: id is 0, must be a whole number above "
           "0");
  CHECK(text_of(decode(R"({"id":5})"))
        == "activity 5: start_date is nothing" + a_time);
  for (const auto* value : {"null", "\"\"", "\"2018-02-16T14:52:54\"", "1",
                            "\"0000-12-31T00:00:00Z\""})
    CHECK(text_of(decode(R"({"id":5,"start_date":)" + std::string{value} + "}"))
          == "activity 5: start_date is " + std::string{value} + a_time);
}

TEST_CASE("years 1 to 9999 are times, and so are their local ones") {
  auto start_of = [](const std::string& time, const std::string& offset) {
    auto row = decode(R"({"id":5,"start_date":")" + time + R"(","utc_offset":)"
                      + offset + "}");
    REQUIRE(row);
    return std::pair{row->start_at_ms, row->start_local_at_ms};
  };
  CHECK(start_of("0001-01-01T00:00:00Z", "-3600")
        == std::pair{-62'135'596'800'000, -62'135'596'800'000});
  CHECK(start_of("9999-12-31T23:59:59Z", "3600")
        == std::pair{253'402'300'799'000, 253'402'300'799'999});
  CHECK(start_of("1969-12-31T23:00:00Z", "3600") == std::pair{-3'600'000L, 0L});
  CHECK(text_of(decode(small_activity(R"("utc_offset":1e18)")))
        == "activity 5: utc_offset is 1e18, must be within a day");
}

TEST_CASE("ids and numbers may come as text") {
  auto row = decode(R"({"id":"5","start_date":"2025-10-18T12:49:52Z",)"
                    R"("distance":"5000.5","moving_time":"60",)"
                    R"("elapsed_time":"61.0","average_speed":"-1e1"})");
  REQUIRE(row);
  CHECK(row->id == 5);
  CHECK(row->distance_m == 5'000.5);
  CHECK(row->moving_time_s == 60);
  CHECK(row->elapsed_time_s == 61);
  CHECK(row->average_speed_mps == -10);
  for (const auto* value : {"\"\"", "\" 5\"", "\"5 km\"", "\"inf\"", "\"nan\""})
    CHECK(text_of(decode(small_activity("\"distance\":" + std::string{value})))
          == "activity 5: distance is " + std::string{value}
               + ", must be a number");
}

TEST_CASE("text that is no Unicode makes an activity unreadable anywhere") {
  auto half = std::string{", must not hold half of a surrogate pair"};
  CHECK(text_of(decode(small_activity(R"("name":"Run \ud83d")")))
        == R"(activity 5: name is "Run \ud83d" (byte 56))" + half);
  CHECK(text_of(decode(small_activity(R"("new":{"deep":["\udc9a"]})")))
        == R"(activity 5: new.deep[0] is "\udc9a" (byte 60))" + half);
  CHECK(text_of(decode(small_activity("\"name\":\"\xED\xA0\xBD\"")))
        == "activity 5: name is \"\\xed\\xa0\\xbd\" (byte 52), must be "
           "UTF-8");
  CHECK(decode(small_activity(R"("name":"\uD83D\uDEB4 \u0000")")));
}

TEST_CASE("what is wrong with an athlete is told the same way") {
  CHECK(
    text_of(strava::make_decoder()->decode_athlete(R"({"id":1,"firstname":7})"))
    == "athlete: firstname is 7, must be text");
}

TEST_CASE("what is no JSON object cannot be decoded") {
  auto text = GENERATE("", "   ", "null", "7", "[]", "\"{}\"", "{", "{\"id\":5",
                       "{\"id\" 5}", "{}{}", "{} 7", "<html>",
                       "{\"id\":5,\"start_date\":\"2025");
  CAPTURE(text);
  CHECK(failure_of(decode(text)) == ec::malformed);
  CHECK(failure_of(strava::make_decoder()->decode_athlete(text))
        == ec::malformed);
}

TEST_CASE("an athlete's columns are filled") {
  auto text = std::string_view{
    R"({"id":12345678,"username":"jdoe","resource_state":2,"firstname":"J",)"
    R"("lastname":"Doe","city":"New York","state":"NY","country":"US",)"
    R"("sex":"M","premium":true,"created_at":"2017-11-28T19:05:35Z",)"
    R"("profile_medium":"https://h/m.jpg","profile":"https://h/l.jpg",)"
    R"("friend":null,"bikes":[{"id":"b1","name":"no"}]})"};
  auto row = strava::make_decoder()->decode_athlete(text);
  REQUIRE(row);
  CHECK(row->id == 12'345'678);
  CHECK(row->name == "J Doe");
  CHECK(row->username == "jdoe");
  CHECK(row->city == "New York");
  CHECK(row->country == "US");
  CHECK(row->profile_url == "https://h/l.jpg");
  CHECK(row->strava_created_at_ms == 1'511'895'935'000);
  CHECK(row->scope.empty());
  CHECK(row->raw == text);
}

TEST_CASE("an athlete may have but one name, no username and no picture") {
  auto row = strava::make_decoder()->decode_athlete(
    R"({"id":1,"username":null,"lastname":"Doe","city":null,)"
    R"("profile":"avatar/athlete/large.png"})");
  REQUIRE(row);
  CHECK(row->name == "Doe");
  CHECK(row->username.empty());
  CHECK(row->profile_url.empty());
  CHECK(failure_of(strava::make_decoder()->decode_athlete(R"({"id":-1})"))
        == ec::malformed);
}
