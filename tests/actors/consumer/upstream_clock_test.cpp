#include "actors/consumer/upstream_clock.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace std::chrono_literals;
using verdict = upstream_clock::verdict;

namespace {

constexpr auto day = unix_ms{86'400'000};
constexpr auto t0 = 19'000 * day;

/// A request of 40 ms whose answer carries Strava's time, `ahead` of ours.
verdict tell(upstream_clock& to, unix_ms at, unix_ms ahead) {
  return to.observe(at, at + 40, (at + 20 + ahead) / 1'000 * 1'000);
}

} // namespace

TEST_CASE("Strava's clock is entered by its earliest possible time",
          "[upstream_clock]") {
  upstream_clock clock{60s};
  CHECK(clock.upstream(t0) == t0 - 60'000);
  CHECK_FALSE(clock.told());
  // Strava is 30 s ahead: each Date narrows the bound.
  for (auto at = t0; at < t0 + 5'000; at += 130)
    CHECK(tell(clock, at, 30'000) == verdict::agrees);
  CHECK(clock.told());
  auto seen = clock.upstream(t0 + 10'000) - (t0 + 10'000);
  CHECK(seen <= 30'000);
  CHECK(seen > 29'800);
  CHECK(clock.doubt(t0 + 10'000) < 400ms);
}

TEST_CASE("one Date that is off is not believed, before or after others",
          "[upstream_clock]") {
  upstream_clock clock;
  for (auto off : {2 * day, -2 * day}) {
    CHECK(tell(clock, t0, off) == verdict::outlier);
    CHECK(tell(clock, t0 + 100, 0) == verdict::agrees);
    CHECK(tell(clock, t0 + 200, off) == verdict::outlier);
    CHECK(tell(clock, t0 + 300, -off) == verdict::outlier);
    CHECK(tell(clock, t0 + 400, off) == verdict::outlier);
    CHECK(clock.upstream(t0 + 500) <= t0 + 500);
    CHECK(clock.upstream(t0 + 500) > t0 - 1'000);
  }
}

TEST_CASE("of servers whose clocks differ a little each is believed",
          "[upstream_clock]") {
  upstream_clock clock;
  for (auto at = t0; at < t0 + 20'000; at += 130)
    CHECK(tell(clock, at, 0) == verdict::agrees);
  for (auto at = t0 + 20'000; at < t0 + 40'000; at += 130) {
    CHECK(tell(clock, at, 1'500) == verdict::agrees);
    CHECK(tell(clock, at + 50, 0) == verdict::agrees);
    CHECK(clock.upstream(at + 100) <= at + 1'600);
  }
}

TEST_CASE("when answers agree that our clock is wrong, theirs counts",
          "[upstream_clock]") {
  for (auto off : {3 * 365 * day, -3 * 365 * day, unix_ms{-100'000}}) {
    upstream_clock clock{30s};
    CHECK(tell(clock, t0, off) == verdict::outlier);
    CHECK(tell(clock, t0 + 1'000, off) == verdict::outlier);
    CHECK(tell(clock, t0 + 2'000, off) == verdict::corrected);
    CHECK(clock.told());
    auto seen = clock.upstream(t0 + 3'000);
    CHECK(seen <= t0 + 3'000 + off);
    CHECK(seen > t0 + 1'000 + off);
    CHECK(clock.doubt(t0 + 3'000) < 1'100ms);
    CHECK(tell(clock, t0 + 3'000, off) == verdict::agrees);
  }
}

TEST_CASE("while the only answer says that it is earlier, it is",
          "[upstream_clock]") {
  upstream_clock clock;
  CHECK(tell(clock, t0, -day) == verdict::outlier);
  CHECK(clock.upstream(t0) <= t0 - day);
  SECTION("but no later") {
    clock = upstream_clock{};
    CHECK(tell(clock, t0, day) == verdict::outlier);
    CHECK(clock.upstream(t0) == t0);
  }
  SECTION("and not once the time was told") {
    CHECK(tell(clock, t0, 0) == verdict::agrees);
    CHECK(tell(clock, t0, -day) == verdict::outlier);
    CHECK(clock.upstream(t0) > t0 - 1'000);
  }
}

TEST_CASE("what another node knew is ignored if it cannot be",
          "[upstream_clock]") {
  upstream_clock clock{30s};
  clock.learn(t0, t0 + 3 * 365 * day);
  CHECK(clock.upstream(t0) == t0 - 30'000);
  clock.learn(t0, t0 + 10'000);
  CHECK(clock.upstream(t0) == t0 + 10'000);
}
