#include "adapters/strava/activities_page.hpp"

#include "tests/adapters/strava/calls.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;
using strava::parse_activities;

TEST_CASE("an empty page has no items") {
  auto page = parse_activities(" [ ] ");
  REQUIRE(page);
  CHECK(page->items.empty());
}

TEST_CASE("each element keeps its bytes exactly, whatever is between them") {
  auto first = std::string{
    R"({ "id" : 16181809559,)"
    "\n\t"
    R"("start_date":"2025-10-18T12:49:52Z", "x":[1, {"y":"}]\"é\u00e9"}] })"};
  auto second = std::string{
    R"({"id":1,"start_date":"1970-01-01T00:00:10Z","distance":1.10})"};
  auto page = parse_activities("[" + first + " \r\n, " + second + "\n]\n");
  REQUIRE(page);
  REQUIRE(page->items.size() == 2);
  CHECK(page->items[0].id == 16'181'809'559);
  CHECK(page->items[0].start_s == 1'760'791'792);
  CHECK(page->items[0].json == first);
  CHECK(page->items[1].start_s == 10);
  CHECK(page->items[1].json == second);
}

TEST_CASE("an id beyond 2^53 keeps all its digits") {
  auto page = parse_activities(
    R"([{"id":3085395771834188817,"start_date":"2025-10-18T12:49:52Z"}])");
  REQUIRE(page);
  CHECK(page->items[0].id == 3'085'395'771'834'188'817);
}

TEST_CASE("an element that paging cannot use spoils the page by its index") {
  auto element = GENERATE(
    "7", "null", "[]", "{}", R"({"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":2})", R"({"id":"2","start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":2.5,"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":0,"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":-2,"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":2,"start_date":1760791792})", R"({"id":2,"start_date":null})",
    R"({"id":2,"start_date":"soon"})");
  CAPTURE(element);
  auto page
    = parse_activities(R"([{"id":1,"start_date":"2025-10-18T12:49:52Z"},)"
                       + std::string{element} + "]");
  CHECK(failure_of(page) == ec::upstream_failed);
  CHECK(text_of(page).find("element 1 ") != std::string::npos);
}

TEST_CASE("what is no JSON array is no page") {
  auto body = GENERATE("", " ", "{}", R"({"message":"error"})", "null", "1",
                       "<html><body>Bad gateway</body></html>", "[", "[{}",
                       R"([{"id":1,"start_date":"2025-10-18T12:49:52Z"})",
                       R"([{"id":1,"start_date":"2025-10-1)",
                       R"([{"id":1,"start_date":"2025-10-18T12:49:52Z",]])",
                       "[] []", "[,]", "[1,]", "\xff\xfe[]");
  CAPTURE(body);
  CHECK(failure_of(parse_activities(body)) == ec::upstream_failed);
}

TEST_CASE("broken JSON deep inside an element is found") {
  auto value = GENERATE("nonsense", "01", "1.", "\"\\x\"", "[1,,2]",
                        R"({"a" 1})", "\"\xff\"", "tru", "{\"a\":1,}");
  CAPTURE(value);
  CHECK(failure_of(parse_activities(
          R"([{"id":1,"start_date":"2025-10-18T12:49:52Z","a":{"b":)"
          + std::string{value} + "}}]"))
        == ec::upstream_failed);
}
