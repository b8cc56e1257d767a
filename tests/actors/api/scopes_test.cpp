#include "actors/api/scopes.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

TEST_CASE("scopes have commas or blanks between them", "[scopes]") {
  CHECK(*parse_scopes("read,activity:read_all") == "read,activity:read_all");
  CHECK(*parse_scopes("read activity:read_all") == "read,activity:read_all");
  CHECK(parse_scopes("")->empty());
}

TEST_CASE("what is no list of scopes is refused by name", "[scopes]") {
  for (const auto& text :
       {std::string{"read\r\nX"}, std::string{"<b>"}, std::string{"\x1b[31m"},
        std::string{"read\0", 5}, std::string(513, 'a')}) {
    auto refused = parse_scopes(text);
    REQUIRE_FALSE(refused);
    CHECK(code_of(refused.error()) == ec::invalid_argument);
    CHECK(detail_of(refused.error()).starts_with("scope: "));
  }
  CHECK(parse_scopes(std::string(512, 'a')));
}

TEST_CASE("what Strava's token answer names goes before the redirect",
          "[scopes]") {
  CHECK(granted_scopes("", "read,activity:read_all")
        == "read,activity:read_all");
  CHECK(granted_scopes("read", "read,activity:read_all") == "read");
  CHECK(granted_scopes("read activity:read", "read") == "read,activity:read");
  CHECK(granted_scopes("<nonsense>", "read") == "read");
}
