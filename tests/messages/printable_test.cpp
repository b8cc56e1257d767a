#include "messages/printable.hpp"

#include <catch2/catch_test_macros.hpp>

namespace stravasync {

TEST_CASE("a terminal obeys nothing in a printable text", "[messages]") {
  CHECK(printable("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\xB4")
        == "plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\xB4");
  CHECK(printable("\x1B]0;title\x07") == "\\u001b]0;title\\u0007");
  CHECK(printable("a\nb\tc\x7F") == "a\\u000ab\\u0009c\\u007f");
  // CSI as one character of ISO 6429.
  CHECK(printable("\xC2\x9B"
                  "2J")
        == "\\u009b2J");
  // No control character: U+00A0.
  CHECK(printable("\xC2\xA0") == "\xC2\xA0");
  CHECK(printable("\xC2") == "\xC2");
  CHECK(printable("").empty());
}

} // namespace stravasync
