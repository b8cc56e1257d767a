#include "adapters/strava/activities_page.hpp"

#include "tests/adapters/strava/calls.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;
using strava::parse_activities;

namespace {

constexpr auto sound = R"({"id":1,"start_date":"2025-10-18T12:49:52Z"})";

activities_response between_sound_ones(const std::string& element) {
  return parse_activities("[" + std::string{sound} + "," + element + "," + sound
                          + "]");
}

} // namespace

TEST_CASE("an empty page has no items") {
  auto page = parse_activities(" [ ] ");
  CHECK_FALSE(page.unreadable);
  CHECK(page.items.empty());
}

TEST_CASE("each element keeps its bytes exactly, whatever is between them") {
  auto first = std::string{
    R"({ "id" : 16181809559,)"
    "\n\t"
    R"("start_date":"2025-10-18T12:49:52Z", "x":[1, {"y":"}]\"é\u00e9"}] })"};
  auto second = std::string{
    R"({"id":1,"start_date":"1970-01-01T00:00:10Z","distance":1.10})"};
  auto mark = GENERATE("", "\xEF\xBB\xBF");
  auto page
    = parse_activities(mark + ("[" + first) + " \r\n, " + second + "\n]\n");
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].id == 16'181'809'559);
  CHECK(page.items[0].start_s == 1'760'791'792);
  CHECK(page.items[0].json == first);
  CHECK(page.items[1].start_s == 10);
  CHECK(page.items[1].json == second);
}

TEST_CASE("an id beyond 2^53 keeps all its digits, and may be text") {
  auto id = GENERATE("3085395771834188817", "\"3085395771834188817\"");
  auto page = parse_activities(std::string{R"([{"id":)"} + id + "}]");
  REQUIRE(page.items.size() == 1);
  CHECK(page.items[0].id == 3'085'395'771'834'188'817);
}

TEST_CASE("a start before 1970 is rounded down to its second") {
  auto page
    = parse_activities(R"([{"id":1,"start_date":"1969-12-31T23:59:58.5Z"}])");
  REQUIRE(page.items.size() == 1);
  CHECK(page.items[0].start_s == -2);
}

TEST_CASE("an element that is no activity costs no other") {
  auto element = GENERATE(
    as<std::string>{}, "7", "null", "[]", "{}",
    R"({"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":2.5,"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":0,"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":-2,"start_date":"2025-10-18T12:49:52Z"})",
    R"({"id":"x","a":"\ud83d"})", "{\"id\":\"\",\"a\":\"\xff\"}",
    R"({"a":nonsense})", R"({"a" 1})", R"({"a":1,})", "tru", "\"]},[\"",
    std::string(200'000, '[') + std::string(200'000, ']'));
  CAPTURE(element.substr(0, 100));
  auto page = between_sound_ones(element);
  CHECK_FALSE(page.unreadable);
  REQUIRE(page.items.size() == 3);
  CHECK(page.items[0].id == 1);
  CHECK(page.items[1].id == 0);
  CHECK(page.items[1].json == element);
  CHECK(page.items[2].json == sound);
}

TEST_CASE("an element without a start still has its id") {
  auto start = GENERATE("1760791792", "null", "\"\"", "\"soon\"",
                        "\"2025-10-18T12:49:52\"", "\"0000-01-01T00:00:00Z\"",
                        "\"9999-12-31T23:59:59-01:00\"",
                        "2025-10-18T12:49:52Z");
  CAPTURE(start);
  auto page
    = between_sound_ones(R"({"id":2,"start_date":)" + std::string{start} + "}");
  REQUIRE(page.items.size() == 3);
  CHECK(page.items[1].id == 2);
  CHECK_FALSE(page.items[1].start_s);
}

TEST_CASE("what is no array is unreadable, and where it stops being one") {
  struct sample {
    std::string body;
    std::string says;
  };
  auto [body, says] = GENERATE(
    sample{"", "byte 0 of 0 is nothing, must be a JSON array"},
    sample{R"({"message":"error"})", "is {\"message\":\"error\"}, must be a"},
    sample{"<html>\n", "byte 0 of 7 is <html>\\x0a, must be a JSON array"},
    sample{"\x1f\x8b\x08", "is \\x1f\\x8b\\x08, must be"},
    sample{"[", "byte 1 of 1 is nothing, must be an element"},
    sample{"[{}", "byte 3 of 3 behind element 1 is nothing, must be a comma"},
    sample{R"([{"id":1},{"id":2,"start)",
           "byte 10 of 24 behind element 1 is {\"id\":2,\"start, must be an "
           "element with an end"},
    sample{"[1,]", "byte 3 of 4 behind element 1 is ], must be an element"},
    sample{"[] []", "byte 3 of 5 is [], must be nothing behind the array"},
    sample{R"([{"a":]}])", "must be an element with an end"});
  CAPTURE(body);
  auto page = parse_activities(body);
  CHECK(page.items.empty());
  REQUIRE(page.unreadable);
  CHECK(page.unreadable->reason.starts_with(
    "Strava's list of activities cannot be read: byte "));
  CAPTURE(page.unreadable->reason);
  CHECK(page.unreadable->reason.find(says) != std::string::npos);
  CHECK(page.unreadable->excerpt == body);
  CHECK(page.unreadable->bytes == body.size());
}

TEST_CASE("of a long answer the bytes around the trouble are kept") {
  auto body = "[\"" + std::string(100'000, 'a') + "\" \"b\""
              + std::string(100'000, ' ');
  auto page = parse_activities(body);
  REQUIRE(page.unreadable);
  const auto& kept = *page.unreadable;
  CHECK(kept.excerpt.size() == unreadable_bytes_max);
  CHECK(kept.excerpt_at == 100'004 - unreadable_bytes_max / 2);
  CHECK(kept.excerpt.find("\" \"b\"") != std::string::npos);
  CHECK(kept.bytes == body.size());
}
