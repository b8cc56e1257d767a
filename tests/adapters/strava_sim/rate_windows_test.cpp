#include "adapters/strava_sim/rate_windows.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync::strava_sim;

namespace {

constexpr auto window = std::chrono::minutes{15};
constexpr std::int64_t minute_ms = 60'000;
/// 2026-11-21T23:30:00Z: two windows before midnight.
constexpr std::int64_t evening_ms = 1'795'303'800'000;

std::string
value(const rate_windows& of, std::string_view name, bool read = true) {
  for (const auto& [key, text] : of.headers(read))
    if (key == name)
      return text;
  return "none";
}

} // namespace

TEST_CASE("usage includes the current request and is spelled as on the wire") {
  auto windows = rate_windows{{200, 2'000, 100, 1'000}, window};
  windows.count(evening_ms, true);
  windows.count(evening_ms + 1, false);
  CHECK(value(windows, "X-Ratelimit-Limit") == "200,2000");
  CHECK(value(windows, "X-Ratelimit-Usage") == "2,2");
  CHECK(value(windows, "X-Readratelimit-Limit") == "100,1000");
  CHECK(value(windows, "X-Readratelimit-Usage") == "1,1");
  CHECK(value(windows, "X-Readratelimit-Usage", false) == ",");
}

TEST_CASE("a window ends at a multiple of its length, not after its length") {
  auto windows = rate_windows{{200, 2'000, 1, 1'000}, window};
  auto last = evening_ms + 15 * minute_ms - 1;
  CHECK(windows.count(last, true) == rate_verdict::within);
  CHECK(windows.count(last, true) == rate_verdict::read_exceeded);
  CHECK(windows.count(last + 1, true) == rate_verdict::within);
  REQUIRE(windows.history().size() == 2);
  CHECK(windows.history()[0].start_ms == evening_ms);
  CHECK(windows.history()[0].read == 2);
}

TEST_CASE("refused requests count toward the day") {
  auto windows = rate_windows{{100, 2'000, 2, 4}, window};
  for (auto i = 0; i < 4; ++i)
    windows.count(evening_ms, true);
  CHECK(windows.day().read == 4);
  auto next = evening_ms + 15 * minute_ms;
  CHECK(windows.count(next, true) == rate_verdict::read_exceeded);
  CHECK(windows.count(next, false) == rate_verdict::within);
}

TEST_CASE("the day begins at midnight UTC") {
  auto windows = rate_windows{{100, 1, 100, 1}, window};
  CHECK(windows.count(evening_ms, true) == rate_verdict::within);
  CHECK(windows.count(evening_ms + 29 * minute_ms, true)
        == rate_verdict::all_exceeded);
  CHECK(windows.count(evening_ms + 30 * minute_ms, true)
        == rate_verdict::within);
  CHECK(value(windows, "X-Ratelimit-Usage") == "1,1");
}

TEST_CASE("both limits passed are reported as the overall one") {
  auto windows = rate_windows{{1, 100, 1, 100}, window};
  windows.count(evening_ms, true);
  CHECK(windows.count(evening_ms, true) == rate_verdict::all_exceeded);
}

TEST_CASE("a hundred windows are remembered") {
  auto windows = rate_windows{{9, 99'999, 9, 99'999}, std::chrono::seconds{3}};
  for (auto i = 0; i < 150; ++i)
    windows.count(evening_ms + i * 3'000, true);
  CHECK(windows.history().size() == 100);
  CHECK(windows.history().back().start_ms == evening_ms + 149 * 3'000);
}
