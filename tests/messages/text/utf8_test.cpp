#include "messages/text/utf8.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

TEST_CASE("well-formed sequences of UTF-8 have a length") {
  CHECK(utf8_length("") == 0);
  CHECK(utf8_length("ab") == 1);
  CHECK(utf8_length("\x7F") == 1);
  CHECK(utf8_length("\xC2\x80") == 2);
  CHECK(utf8_length("\xDF\xBF!") == 2);
  CHECK(utf8_length("\xE0\xA0\x80") == 3);
  CHECK(utf8_length("\xED\x9F\xBF") == 3);
  CHECK(utf8_length("\xEE\x80\x80") == 3);
  CHECK(utf8_length("\xF0\x90\x80\x80") == 4);
  CHECK(utf8_length("\xF4\x8F\xBF\xBF") == 4);
}

TEST_CASE("overlong forms, surrogates and cut sequences are no UTF-8") {
  for (auto bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2 ", "\xE0\x9F\xBF",
        "\xE2\x82", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    CHECK(utf8_length(bad) == 0);
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("each byte that is no UTF-8 is replaced") {
  CHECK(as_utf8("a\xFF\xC3z") == "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  CHECK(as_utf8("\xE2\x82\xAC") == "\xE2\x82\xAC");
  CHECK(is_utf8(as_utf8("\xED\xA0\x80")));
}

TEST_CASE("a text is UTF-8 up to the first byte that is none, wherever it is") {
  for (auto at = std::size_t{0}; at <= 40; ++at) {
    auto text = std::string(at, 'a') + "\xC3";
    CHECK(utf8_prefix(text) == at);
    CHECK_FALSE(is_utf8(text));
    text += "\xA9" + std::string(40 - at, 'z');
    CHECK(utf8_prefix(text) == text.size());
    CHECK(as_utf8(text + "\xFF!") == text + "\xEF\xBF\xBD!");
  }
}
