#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(time_fixture, "an unsettled message may expire",
                 "[embedded_bus]") {
  auto config = jobs_stream;
  config.max_age = 10s;
  REQUIRE(bus.ensure(config));
  publish();
  publish();
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 10);
  REQUIRE(one.in->wait_for(2));
  advance(20s);
  CHECK(bus.describe("JOBS").messages == 0);
  CHECK(one.ack(one.in->at(0)));
  advance(10s);
  CHECK(one.in->size() == 2);
  auto state = bus.describe("JOBS");
  REQUIRE(state.durables.size() == 1);
  CHECK(state.durables[0].ack_pending == 0);
}

TEST_CASE_METHOD(time_fixture, "many messages expire over a few turns",
                 "[embedded_bus]") {
  auto config = jobs_stream;
  config.max_age = 1h;
  REQUIRE(bus.ensure(config));
  REQUIRE(bus.publish_many("jobs.a", 9'000) == 9'000);
  advance(1h);
  CHECK(eventually([&] { return bus.describe("JOBS").messages == 0; }));
  auto state = bus.describe("JOBS");
  CHECK(state.bytes == 0);
  CHECK(state.first_sequence == 9'001);
}

TEST_CASE_METHOD(time_fixture, "age limits remove what is too old and no more",
                 "[embedded_bus]") {
  auto config = jobs_stream;
  config.max_age = 1h;
  REQUIRE(bus.ensure(config));
  publish();
  REQUIRE(bus.publish(message("jobs.b")));
  advance(30min);
  publish();
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 0);
  advance(30min);
  auto state = bus.describe("JOBS");
  CHECK(state.first_sequence == 3);
  CHECK(state.messages == 1);
  CHECK(state.bytes == 1);
  REQUIRE(state.durables.size() == 1);
  CHECK(state.durables[0].pending == 1);
  auto last = bus.last("JOBS", "jobs.b");
  REQUIRE(last);
  CHECK_FALSE(last->has_value());
  one.on->request(10);
  CHECK(one.in->at(0).sequence == 3);
  CHECK(one.in->at(0).pending == 0);
}

TEST_CASE_METHOD(time_fixture,
                 "a start with a clock that is years ahead removes nothing for "
                 "an hour",
                 "[embedded_bus]") {
  constexpr auto years = std::chrono::hours{3 * 365 * 24};
  auto config = jobs_stream;
  config.max_age = 2h;
  REQUIRE(bus.ensure(config));
  publish();
  close();
  clock.set_wall(years);
  open();
  touch();
  CHECK(bus.describe("JOBS").messages == 1);
  CHECK(log.count(log_level::warning) == 1);
  SECTION("so that a clock that is set right harms none") {
    advance(59min);
    clock.set_wall(-years);
    touch();
    advance(60min);
    CHECK(bus.describe("JOBS").messages == 1);
    advance(1min);
    CHECK(bus.describe("JOBS").messages == 0);
  }
  SECTION("and after it, what is too old by a clock that stays") {
    advance(59min);
    publish();
    CHECK(bus.describe("JOBS").messages == 2);
    advance(1min);
    CHECK(bus.describe("JOBS").messages == 1);
    CHECK(log.count(log_level::warning) == 1);
  }
  SECTION("nor the next start in that hour") {
    advance(30min);
    publish();
    open();
    advance(59min);
    CHECK(bus.describe("JOBS").messages == 2);
  }
}

TEST_CASE_METHOD(time_fixture,
                 "a start after less than a day removes what is too old",
                 "[embedded_bus]") {
  auto config = jobs_stream;
  config.max_age = 2h;
  REQUIRE(bus.ensure(config));
  publish();
  close();
  clock.advance(26h);
  open();
  touch();
  CHECK(bus.describe("JOBS").messages == 0);
  CHECK(log.count(log_level::warning) == 0);
}
