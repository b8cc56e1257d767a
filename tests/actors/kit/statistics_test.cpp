#include "actors/kit/statistics.hpp"

#include <catch2/catch_test_macros.hpp>

#include <thread>
#include <vector>

using namespace std::chrono_literals;

TEST_CASE("actors of one class are added up, also those that are gone",
          "[statistics]") {
  auto uut = kit::actor_statistics{};
  auto first = uut.meter_for("writer");
  auto second = uut.meter_for("writer");
  auto other = uut.meter_for("reader");
  first->count(2ms);
  second->count(3ms);
  second->count_failure();
  second.reset();
  auto classes = uut.snapshot();
  REQUIRE(classes.size() == 2);
  CHECK(classes[0].actor_class == "reader");
  CHECK(classes[0].handled == 0);
  CHECK(classes[1].actor_class == "writer");
  CHECK(classes[1].handled == 2);
  CHECK(classes[1].failed == 1);
  CHECK(classes[1].busy == 5ms);
  CHECK(classes[1].alive == 1);
  CHECK(classes[1].started == 2);
}

TEST_CASE("what waits is a matter of the actors that are alive",
          "[statistics]") {
  auto uut = kit::actor_statistics{};
  auto first = uut.meter_for("writer");
  auto second = uut.meter_for("writer");
  first->count(1ms, 7);
  second->count(1ms, 5);
  CHECK(uut.snapshot().front().waiting == 12);
  first->count(1ms, 2);
  second.reset();
  CHECK(uut.snapshot().front().waiting == 2);
}

TEST_CASE("copies count into the same numbers", "[statistics]") {
  auto uut = kit::actor_statistics{};
  auto copy = uut;
  const auto meter = copy.meter_for("writer");
  meter->count(1ms);
  REQUIRE(uut.snapshot().size() == 1);
  CHECK(uut.snapshot().front().handled == 1);
}

TEST_CASE("a meter may outlive every handle to its statistics",
          "[statistics]") {
  kit::meter_ptr meter;
  {
    const auto uut = kit::actor_statistics{};
    meter = uut.meter_for("writer");
  }
  meter->count(1ms);
  meter.reset();
}

TEST_CASE("nothing is lost when actors come and go on several threads",
          "[statistics]") {
  auto uut = kit::actor_statistics{};
  auto threads = std::vector<std::thread>{};
  for (auto i = 0; i < 4; ++i)
    threads.emplace_back([&uut] {
      for (auto n = 0; n < 500; ++n) {
        const auto meter = uut.meter_for("worker");
        meter->count(1us);
        meter->count_failure();
        if (n % 50 == 0)
          (void)uut.snapshot();
      }
    });
  for (auto& thread : threads)
    thread.join();
  auto classes = uut.snapshot();
  REQUIRE(classes.size() == 1);
  CHECK(classes.front().handled == 2'000);
  CHECK(classes.front().failed == 2'000);
  CHECK(classes.front().busy == 2ms);
  CHECK(classes.front().started == 2'000);
  CHECK(classes.front().alive == 0);
}
