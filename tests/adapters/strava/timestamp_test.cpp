#include "adapters/strava/timestamp.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using stravasync::strava::parse_http_date;
using stravasync::strava::parse_timestamp;

TEST_CASE("a timestamp of Strava's is read in milliseconds") {
  CHECK(parse_timestamp("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_timestamp("2018-02-16T14:52:54Z") == 1'518'792'774'000);
  CHECK(parse_timestamp("2024-02-29T23:59:59Z") == 1'709'251'199'000);
  CHECK(parse_timestamp("1969-12-31T23:59:59Z") == -1'000);
  CHECK(parse_timestamp("2016-12-31T23:59:60Z") == 1'483'228'800'000);
}

TEST_CASE("a fraction of a second is cut to milliseconds") {
  CHECK(parse_timestamp("2018-11-29T21:46:21.854786016Z") == 1'543'527'981'854);
  CHECK(parse_timestamp("1970-01-01T00:00:00.5Z") == 500);
}

TEST_CASE("an offset is taken off") {
  CHECK(parse_timestamp("1970-01-01T02:00:00+02:00") == 0);
  CHECK(parse_timestamp("1969-12-31T18:30:00-05:30") == 0);
}

TEST_CASE("the years 1 to 9999 have times, others have none") {
  CHECK(parse_timestamp("0001-01-01T00:00:00Z") == -62'135'596'800'000);
  CHECK(parse_timestamp("9999-12-31T23:59:59.999Z") == 253'402'300'799'999);
  CHECK_FALSE(parse_timestamp("0000-12-31T23:59:59Z"));
  CHECK_FALSE(parse_timestamp("0001-01-01T00:59:59+01:00"));
  CHECK_FALSE(parse_timestamp("9999-12-31T23:00:00-01:00"));
}

TEST_CASE("what is no timestamp gives none") {
  auto text = GENERATE(
    "", "yesterday", "2018-02-16", "2018-02-16T14:52:54",
    "2018-02-30T14:52:54Z", "2018-13-01T00:00:00Z", "2018-00-01T00:00:00Z",
    "2018-01-01T24:00:00Z", "2018-01-01T00:60:00Z", "2018-01-01T00:00:61Z",
    "2018-01-01 00:00:00Z", "2018-01-01T00:00:00Zz", "2018-01-01T00:00:00.Z",
    "2018-01-01T00:00:00+0200", "2018-01-01T00:00:00+25:00",
    "20x8-01-01T00:00:00Z", "+018-01-01T00:00:00Z");
  CAPTURE(text);
  CHECK_FALSE(parse_timestamp(text));
}

TEST_CASE("the Date header is read in milliseconds") {
  CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777'000);
}

TEST_CASE("what is no HTTP date gives none") {
  auto text
    = GENERATE("", "now", "Sunday, 06-Nov-94 08:49:37 GMT",
               "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 ovD 1994 08:49:37 GMT",
               "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08-49:37 GMT",
               "Sun, xx Nov 1994 08:49:37 GMT");
  CAPTURE(text);
  CHECK_FALSE(parse_http_date(text));
}
