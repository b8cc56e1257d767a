#include "actors/kit/intensity.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;

namespace {

kit::restart_window::time_point at(std::chrono::milliseconds since_start) {
  return kit::restart_window::time_point{since_start};
}

} // namespace

TEST_CASE("as many restarts as allowed are tolerated within a period",
          "[intensity]") {
  auto uut = kit::restart_window{{.restarts_max = 2, .period = 10s}};
  CHECK_FALSE(uut.exceeded_by(at(0s)));
  CHECK_FALSE(uut.exceeded_by(at(5s)));
  CHECK(uut.exceeded_by(at(9'999ms)));
}

TEST_CASE("the window slides: old restarts are forgotten one by one",
          "[intensity]") {
  auto uut = kit::restart_window{{.restarts_max = 2, .period = 10s}};
  CHECK_FALSE(uut.exceeded_by(at(0s)));
  CHECK_FALSE(uut.exceeded_by(at(6s)));
  CHECK_FALSE(uut.exceeded_by(at(10s)));
  CHECK(uut.exceeded_by(at(15s)));
  CHECK_FALSE(uut.exceeded_by(at(25s)));
}

TEST_CASE("with none allowed the first restart is too many", "[intensity]") {
  auto uut = kit::restart_window{{.restarts_max = 0, .period = 10s}};
  CHECK(uut.exceeded_by(at(0s)));
  CHECK(uut.exceeded_by(at(1h)));
}
