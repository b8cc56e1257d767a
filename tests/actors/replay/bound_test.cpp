#include "actors/replay/bound.hpp"

#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;

namespace {

// 2026-11-21T10:00:00Z
constexpr auto ten = unix_ms{1'795'255'200'000};
constexpr auto hour = unix_ms{3'600'000};

stored_message at(std::uint64_t sequence, unix_ms time) {
  stored_message result;
  result.sequence = sequence;
  result.stored_at_ms = time;
  return result;
}

replay_bound bound(std::string_view text) {
  auto result = parse_bound(text, ten);
  REQUIRE(result);
  return *result;
}

} // namespace

TEST_CASE("a bound is a sequence, a time, a day or a duration ago") {
  using kind = replay_bound::kind;
  CHECK(bound("") == replay_bound{});
  CHECK(bound("120") == replay_bound{kind::sequence, 120, 0});
  CHECK(bound("2026-11-21T10:00:00Z") == replay_bound{kind::time, 0, ten});
  CHECK(bound("2026-11-21T10:00Z").time_ms == ten);
  CHECK(bound("2026-11-21T11:00+01:00").time_ms == ten);
  CHECK(bound("2026-11-21T04:30:00-05:30").time_ms == ten);
  CHECK(bound("2026-11-21T10:00:00.25Z").time_ms == ten + 250);
  CHECK(bound("2026-11-21").time_ms == ten - 10 * hour);
  CHECK(bound("2024-02-29").time_ms == 1'709'164'800'000);
  CHECK(bound("15m").time_ms == ten - hour / 4);
  CHECK(bound("1h30m").time_ms == ten - hour * 3 / 2);
  CHECK(bound("2d").time_ms == ten - 48 * hour);
  CHECK(bound("500ms").time_ms == ten - 500);
}

TEST_CASE("what is no bound is refused with the forms there are") {
  auto text = GENERATE("0", "-1", "x", "15 m", "m", "15x", "1h30",
                       "2026-11-21T10:00:00", "2026-11-21T25:00:00Z",
                       "2026-02-30", "2026-13-01", "2026-11-21T10:00:00.Z",
                       "2026-11-21T10:00:00Z!", "2026-11-21 10:00:00Z",
                       "99999999999999999999999", "99999999999d", "26-11-21");
  CAPTURE(text);
  auto result = parse_bound(text, ten);
  REQUIRE_FALSE(result);
  CHECK(code_of(result.error()) == ec::invalid_argument);
  CHECK(detail_of(result.error()).starts_with("'" + std::string{text} + "' "));
}

TEST_CASE("both ends belong to a range") {
  auto range = replay_range{bound("3"), bound("5")};
  CHECK(is_before(range, at(2, ten)));
  CHECK_FALSE(is_before(range, at(3, ten)));
  CHECK_FALSE(is_after(range, at(5, ten)));
  CHECK(is_after(range, at(6, ten)));
  auto times = replay_range{bound("1h"), bound("2026-11-21T10:00:00Z")};
  CHECK(is_before(times, at(1, ten - hour - 1)));
  CHECK_FALSE(is_before(times, at(1, ten - hour)));
  CHECK_FALSE(is_after(times, at(1, ten)));
  CHECK(is_after(times, at(1, ten + 1)));
  CHECK_FALSE(is_before({}, at(1, 0)));
  CHECK_FALSE(is_after({}, at(1, ten)));
}

TEST_CASE("a range that ends before it begins is refused") {
  CHECK_FALSE(check({bound("3"), bound("3")}));
  CHECK_FALSE(check({bound("3"), bound("1h")})); // Who knows.
  CHECK(detail_of(check({bound("5"), bound("3")}))
        == "--to: sequence 3 is before --from, sequence 5");
  CHECK(detail_of(check({bound("1h"), bound("2h")}))
        == "--to: 2026-11-21T08:00:00.000Z is before --from, "
           "2026-11-21T09:00:00.000Z");
}

TEST_CASE("a range is told in words") {
  CHECK(to_text(replay_range{}) == "from its beginning to its end");
  CHECK(to_text(replay_range{bound("1h"), bound("7")})
        == "from 2026-11-21T09:00:00.000Z to sequence 7");
  CHECK(to_text(replay_range{bound("2"), {}}) == "from sequence 2 to its end");
}
