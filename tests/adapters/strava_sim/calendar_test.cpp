#include "adapters/strava_sim/calendar.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync::strava_sim;

namespace {

std::int64_t at(std::string_view text) {
  return parse_iso_time(text).value();
}

constexpr auto berlin = time_zone{"Europe/Berlin", 3'600, dst_rule::europe};
constexpr auto new_york = time_zone{"America/New_York", -18'000,
                                    dst_rule::america};
constexpr auto sydney = time_zone{"Australia/Sydney", 36'000,
                                  dst_rule::australia};
constexpr auto auckland = time_zone{"Pacific/Auckland", 43'200,
                                    dst_rule::new_zealand};
constexpr auto kolkata = time_zone{"Asia/Kolkata", 19'800, dst_rule::none};

} // namespace

TEST_CASE("times are read as they are written") {
  for (auto text :
       {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2018-02-16T14:52:54Z"})
    CHECK(iso_time(at(text)) == text);
  CHECK(at("2018-02-16T14:52:54Z") == 1'518'792'774);
}

TEST_CASE("what is no time is not read") {
  for (auto text : {"", "2018-02-16", "2018-02-30T00:00:00Z",
                    "2018-02-16T24:00:00Z", "2018-02-16T14:52:54+01:00",
                    "2018-02-16 14:52:54Z", "2018-02-16T14:5a:54Z"})
    CHECK_FALSE(parse_iso_time(text).has_value());
}

TEST_CASE("the Date header has the form of RFC 9110") {
  CHECK(http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("daylight saving changes at the second that the law says") {
  auto change = [](const time_zone& zone, std::string_view last_before,
                   int before_s, int after_s) {
    CHECK(utc_offset_s(zone, at(last_before)) == before_s);
    CHECK(utc_offset_s(zone, at(last_before) + 1) == after_s);
  };
  change(berlin, "2025-03-30T00:59:59Z", 3'600, 7'200);
  change(berlin, "2025-10-26T00:59:59Z", 7'200, 3'600);
  change(new_york, "2025-03-09T06:59:59Z", -18'000, -14'400);
  change(new_york, "2025-11-02T05:59:59Z", -14'400, -18'000);
  change(sydney, "2025-04-05T15:59:59Z", 39'600, 36'000);
  change(sydney, "2025-10-04T15:59:59Z", 36'000, 39'600);
  change(auckland, "2025-04-05T13:59:59Z", 46'800, 43'200);
  change(auckland, "2025-09-27T13:59:59Z", 43'200, 46'800);
  CHECK(utc_offset_s(kolkata, at("2025-07-01T00:00:00Z")) == 19'800);
}

TEST_CASE("local time is found back from UTC") {
  for (const auto& zone : {berlin, new_york, sydney, auckland, kolkata})
    for (auto local : {at("2025-01-15T08:00:00Z"), at("2025-07-15T08:00:00Z"),
                       at("2025-03-30T12:00:00Z")}) {
      auto utc = utc_of_local(zone, local);
      CHECK(utc + utc_offset_s(zone, utc) == local);
    }
}

TEST_CASE("a zone's label shows its standard offset") {
  CHECK(zone_label(new_york) == "(GMT-05:00) America/New_York");
  CHECK(zone_label(kolkata) == "(GMT+05:30) Asia/Kolkata");
  CHECK(zone_label({"Europe/London", 0, dst_rule::europe})
        == "(GMT+00:00) Europe/London");
}
