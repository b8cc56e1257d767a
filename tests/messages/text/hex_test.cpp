#include "messages/text/hex.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

TEST_CASE("bytes are written as hex digits and read again") {
  constexpr auto bytes = std::string_view{"\x00\x1f\xa0\xff", 4};
  CHECK(to_hex(bytes) == "001fa0ff");
  CHECK(from_hex("001fa0ff") == bytes);
  CHECK(from_hex("001FA0FF") == bytes);
  CHECK(to_hex("").empty());
}

TEST_CASE("hex digits have letters of either case") {
  std::string text;
  append_hex(text, 0xAF);
  append_hex(text, 0xAF, hex_letters::upper);
  CHECK(text == "afAF");
}

TEST_CASE("what is no hex ends the bytes that are read") {
  CHECK(from_hex("4142-43") == "AB");
  CHECK(from_hex("41424") == "AB");
  CHECK(from_hex("-1").empty());
  CHECK(from_hex("+1").empty());
  CHECK(from_hex("0x41").size() == 0);
}

TEST_CASE("only hex digits have a value") {
  CHECK(hex_value('0') == 0);
  CHECK(hex_value('9') == 9);
  CHECK(hex_value('a') == 10);
  CHECK(hex_value('F') == 15);
  for (auto c : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xFF'})
    CHECK(hex_value(c) == -1);
}
