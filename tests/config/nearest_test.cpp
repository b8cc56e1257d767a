#include "config/nearest.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>

using namespace stravasync;

TEST_CASE("the distance counts edits and swaps of neighbours", "[nearest]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("listen", "listen") == 0);
  CHECK(edit_distance("lisen", "listen") == 1);
  CHECK(edit_distance("litsen", "listen") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("abc", "") == 3);
}

TEST_CASE("only a near name is suggested", "[nearest]") {
  const auto names = std::array<std::string, 3>{"api", "consumer", "worker"};
  CHECK(nearest("consumr", names) == "consumer");
  CHECK(nearest("apii", names) == "api");
  CHECK(nearest("xyz", names).empty());
  CHECK(nearest("api", {}).empty());
  CHECK(suggestion("wroker", names) == ", did you mean worker?");
  CHECK(suggestion("database", names).empty());
}
