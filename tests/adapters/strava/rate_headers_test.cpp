#include "adapters/strava/rate_headers.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using strava::is_rate_nonsense;
using strava::parse_rate_pair;

namespace {

using count = std::optional<std::uint32_t>;

struct sample {
  std::string_view header;
  count short_window;
  count day;
};

} // namespace

TEST_CASE("a rate header is read in every form seen on the wire") {
  auto [header, short_window, day]
    = GENERATE(sample{"200,2000", 200, 2000}, sample{"79,222", 79, 222},
               sample{"0,0", 0, 0}, sample{" 79 ,\t222 ", 79, 222},
               sample{"100000000,1", 100'000'000, 1});
  CAPTURE(header);
  auto pair = parse_rate_pair(header);
  CHECK(pair.short_window == short_window);
  CHECK(pair.day == day);
}

TEST_CASE("a part of a rate header that is no count is left out") {
  auto [header, short_window, day] = GENERATE(
    sample{",", {}, {}}, sample{"", {}, {}}, sample{"  ", {}, {}},
    sample{"100,", 100, {}}, sample{",1000", {}, 1000}, sample{"100", 100, {}},
    sample{"many,1000", {}, 1000}, sample{"-1,1000", {}, 1000},
    sample{"+1,7", {}, 7}, sample{"1.5,7", {}, 7}, sample{"0x10,7", {}, 7},
    sample{"1 2,7", {}, 7}, sample{"100,1000,5", 100, {}},
    sample{"4294967296,1", {}, 1}, sample{"4294967295,1", {}, 1},
    sample{"100000001,1", {}, 1},
    sample{"99999999999999999999999999999999,1", {}, 1});
  CAPTURE(header);
  auto pair = parse_rate_pair(header);
  CHECK(pair.short_window == short_window);
  CHECK(pair.day == day);
}

TEST_CASE("a limit of nothing is no limit") {
  CHECK_FALSE(parse_rate_pair("0,1000", 1).short_window);
  CHECK(parse_rate_pair("0,1000", 1).day == 1'000U);
}

TEST_CASE("nonsense is told from what Strava leaves out") {
  auto is_nonsense = [](std::string_view header) {
    return is_rate_nonsense(header, parse_rate_pair(header));
  };
  for (auto header : {"", ",", " ", "100", "100,", ",5", "1,2"})
    CHECK_FALSE(is_nonsense(header));
  for (auto header : {"many,1", "1,4294967295", "-1,1", "1,2,3"})
    CHECK(is_nonsense(header));
}
