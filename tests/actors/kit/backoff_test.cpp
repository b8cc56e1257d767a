#include "actors/kit/backoff.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

using kit::backoff_after;
using kit::backoff_config;
using namespace std::chrono_literals;

namespace {

constexpr auto config = backoff_config{.min = 100ms, .max = 1s};

} // namespace

TEST_CASE("the bound doubles with each attempt up to the maximum",
          "[backoff]") {
  CHECK(backoff_after(1, config, 1) == 100ms);
  CHECK(backoff_after(2, config, 1) == 200ms);
  CHECK(backoff_after(4, config, 1) == 800ms);
  CHECK(backoff_after(5, config, 1) == 1s);
  CHECK(backoff_after(0, config, 1) == 100ms);
}

TEST_CASE("the delay is spread over everything below the bound", "[backoff]") {
  CHECK(backoff_after(3, config, 0) == 0ms);
  CHECK(backoff_after(3, config, 0.25) == 100ms);
  CHECK(backoff_after(3, config, 0.5) == 200ms);
}

TEST_CASE("no attempt and no configuration overflows", "[backoff]") {
  constexpr auto huge = std::chrono::milliseconds::max();
  constexpr auto last = std::numeric_limits<std::uint32_t>::max();
  CHECK(backoff_after(last, config, 1) == 1s);
  CHECK(backoff_after(last, {.min = 1ms, .max = huge}, 1) == huge);
  CHECK(backoff_after(64, {.min = 1ms, .max = huge}, 0.999) < huge);
  CHECK(backoff_after(last, {.min = 0ms, .max = 0ms}, 1) == 0ms);
}

TEST_CASE("nonsense input stays within the bounds", "[backoff]") {
  CHECK(backoff_after(1, config, -3) == 0ms);
  CHECK(backoff_after(1, config, 7) == 100ms);
  CHECK(backoff_after(1, config, std::nan("")) == 100ms);
  CHECK(backoff_after(9, {.min = 500ms, .max = 100ms}, 1) == 500ms);
  CHECK(backoff_after(9, {.min = -5ms, .max = 100ms}, 1) == 0ms);
}
