#include "adapters/strava/json_text.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace stravasync::strava;

TEST_CASE("what a parser accepts has no fault", "[json]") {
  auto text = GENERATE("{}", " [ ] ", "null", "true", "-0.5e+10", "1E9", "\"\"",
                       R"({"a":[1,{"b":"x\n\u00e9"}],"c":"\ud83d\udeb4"})",
                       "\"\xF0\x9F\x9A\xB4 \xC3\xA9 \xE2\x82\xAC\"",
                       R"("\u0000")");
  CAPTURE(text);
  CHECK_FALSE(find_fault(text));
}

TEST_CASE("a fault is named by field, value, rule and place", "[json]") {
  struct sample {
    std::string text;
    std::string field;
    std::string value;
    std::size_t offset;
    std::string rule;
  };
  auto half = std::string{"must not hold half of a surrogate pair"};
  auto want = GENERATE_COPY(
    sample{R"({"id":5,"name":"Run \ud83d"})", "name", R"("Run \ud83d")", 20,
           half},
    sample{R"({"a":[0,{"b":"\udc9a"}]})", "a[1].b", R"("\udc9a")", 14, half},
    sample{"{\"name\":\"Run \xED\xA0\xBD\"}", "name", "\"Run \xED\xA0\xBD\"",
           13, "must be UTF-8"},
    sample{"{\"name\":\"\xC3\"}", "name", "\"\xC3\"", 9, "must be UTF-8"},
    sample{"{\"a\":\"x\ty\"}", "a", "\"x\ty\"", 7,
           "must not hold a control character as such"},
    sample{R"({"a":01})", "", "1}", 6,
           "must be a comma or the end of its brackets"},
    sample{R"({"a":nonsense})", "a", "nonsense", 5, "must be a JSON value"},
    sample{R"({"a":1,})", "", "}", 7, "must be the name of a field"},
    sample{R"({"a" 1})", "a", "1}", 5,
           "must be a colon behind the name of a field"},
    sample{R"(["\x"])", "[0]", R"("\x")", 2,
           "must not hold an escape that JSON does not know"},
    sample{R"(["\u12g4"])", "[0]", R"("\u12g4")", 2,
           "must have four hex digits behind \\u"},
    sample{"{} 7", "", "7", 3, "must be nothing behind the value"},
    sample{"", "", "", 0, "must be a JSON value"});
  CAPTURE(want.text);
  auto got = find_fault(want.text);
  REQUIRE(got);
  CHECK(got->field == want.field);
  CHECK(got->value == want.value);
  CHECK(got->offset == want.offset);
  CHECK(got->rule == want.rule);
}

TEST_CASE("a nesting without end is a fault, not a stack without end",
          "[json]") {
  auto got = find_fault(std::string(1'000'000, '['));
  REQUIRE(got);
  CHECK(got->rule == "must not be nested deeper than 1,024");
}

TEST_CASE("a member is found by its name, the last one of that name",
          "[json]") {
  auto object = R"( { "id" : 5 , "x":{"id":6},"id":"7" , "y":[}] )";
  CHECK(member_text(object, "id") == "\"7\"");
  CHECK(member_text(object, "x") == R"({"id":6})");
  CHECK(member_text(object, "y").empty());
  CHECK(member_text("[5]", "id").empty());
  CHECK(member_text("", "id").empty());
}

TEST_CASE("a text in a sentence is short and printable", "[json]") {
  CHECK(shown("a\xC3\x1B") == "a\\xc3\\x1b");
  CHECK(shown("") == "nothing");
  CHECK(shown(std::string(61, 'x')) == std::string(60, 'x') + "...");
}

TEST_CASE("what is no Unicode can be replaced", "[json]") {
  CHECK(with_unicode(R"({"a":"\ud83d","b":["x\udc9a\ud83d\udc9a"]})")
        == R"({"a":"\ufffd","b":["x\ufffd\ud83d\udc9a"]})");
  CHECK(with_unicode("[\"\xff\"]") == "[\"\xEF\xBF\xBD\"]");
  CHECK(with_unicode("[nonsense") == "[nonsense");
}
