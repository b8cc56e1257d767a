#include "adapters/embedded_bus/subjects.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync::embedded_bus;

TEST_CASE("a subject to publish to has only plain tokens", "[embedded_bus]") {
  CHECK(publishable("jobs"));
  CHECK(publishable("jobs.sync_athlete.70000001"));
  for (const auto* bad : {"", ".", "a.", ".a", "a..b", "a.*", "a.>", ">", "a b",
                          "a\tb", "a.b\n", "a*b"}) {
    CAPTURE(bad);
    CHECK_FALSE(publishable(bad));
  }
}

TEST_CASE("a filter may have wildcards as tokens", "[embedded_bus]") {
  for (const auto* good : {"a", ">", "*", "a.*.b", "a.>", "*.*.>"}) {
    CAPTURE(good);
    CHECK(well_formed_filter(good));
  }
  for (const auto* bad : {"", "a..b", "a.>.b", "a.b*", "a.>b", ".>", "a "}) {
    CAPTURE(bad);
    CHECK_FALSE(well_formed_filter(bad));
  }
}

TEST_CASE("filters overlap if one subject matches both", "[embedded_bus]") {
  for (const auto& [left, right] : {std::pair{"a.>", "a.b"},
                                    {"a.*", "a.b"},
                                    {"*.b", "a.*"},
                                    {"a", "a"},
                                    {">", "a.b.c"},
                                    {"a.*.c", "a.b.>"}}) {
    CAPTURE(left, right);
    CHECK(overlap(left, right));
    CHECK(overlap(right, left));
  }
  for (const auto& [left, right] : {std::pair{"a.>", "a"},
                                    {"a.>", "b.>"},
                                    {"a.*", "a.b.c"},
                                    {"a", "b"},
                                    {"a.*.c", "a.b.d"}}) {
    CAPTURE(left, right);
    CHECK_FALSE(overlap(left, right));
    CHECK_FALSE(overlap(right, left));
  }
}

TEST_CASE("the part before a wildcard is every match's", "[embedded_bus]") {
  CHECK(literal_prefix("a.b.*.c") == "a.b.");
  CHECK(literal_prefix("a.>") == "a.");
  CHECK(literal_prefix(">").empty());
  CHECK(literal_prefix("a.b") == "a.b");
  CHECK(is_literal("a.b"));
  CHECK_FALSE(is_literal("a.*"));
}
