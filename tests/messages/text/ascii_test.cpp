#include "messages/text/ascii.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

TEST_CASE("only the letters A to Z have a lower case") {
  CHECK(lower_case("AZaz09@[`{") == "azaz09@[`{");
  CHECK(lower_case("\xC3\x84") == "\xC3\x84");
}
