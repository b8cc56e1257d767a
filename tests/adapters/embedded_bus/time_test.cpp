#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

consumer_options durable_with(milliseconds ack_wait) {
  return {.stream = "JOBS", .durable = "d", .ack_wait = ack_wait};
}

struct full_window_fixture : time_fixture {
  /// Publishes "id0" to "id11999", more than two parts of the window, and
  /// "last".
  void fill_window() {
    REQUIRE(bus.ensure(jobs_stream));
    for (auto i = 0; i < 12'000; ++i)
      bus.raw().publish(message("jobs.a", "x", "id" + std::to_string(i)),
                        nullptr);
    publish("last");
  }
};

} // namespace

TEST_CASE_METHOD(time_fixture, "the ack wait is kept to the millisecond",
                 "[embedded_bus]") {
  REQUIRE(bus.ensure(jobs_stream));
  publish();
  auto one = bus.join(durable_with(30s), 10);
  REQUIRE(one.in->wait_for(1));
  advance(29'999ms);
  CHECK(one.in->size() == 1);
  advance(1ms);
  CHECK(one.in->size() == 2);
  advance(29'999ms);
  REQUIRE(one.settle(one.in->at(1), {settlement::kind::in_progress, {}}));
  advance(29'999ms);
  CHECK(one.in->size() == 2);
  advance(1ms);
  CHECK(one.in->size() == 3);
}

TEST_CASE_METHOD(time_fixture, "a wall clock set back delays no redelivery",
                 "[embedded_bus]") {
  REQUIRE(bus.ensure(jobs_stream));
  publish();
  publish();
  auto one = bus.join(durable_with(30s), 10);
  REQUIRE(one.in->wait_for(2));
  REQUIRE(one.nak(one.in->at(0), 10s));
  clock.set_wall(-1h);
  advance(10s);
  CHECK(one.in->size() == 3);
  advance(20s);
  CHECK(one.in->size() == 4);
}

TEST_CASE_METHOD(time_fixture, "a wall clock set back keeps the stream's order",
                 "[embedded_bus]") {
  auto config = jobs_stream;
  config.max_age = 10min;
  REQUIRE(bus.ensure(config));
  publish();
  clock.set_wall(-5min);
  publish();
  auto found = bus.read({.stream = "JOBS"});
  REQUIRE(found.size() == 2);
  CHECK(found[1].stored_at_ms == found[0].stored_at_ms);
  CHECK(
    bus.read({.stream = "JOBS", .from_time_ms = found[0].stored_at_ms}).size()
    == 2);
}

TEST_CASE_METHOD(time_fixture, "an abandoned delivery is due after a restart",
                 "[embedded_bus]") {
  REQUIRE(bus.ensure(jobs_stream));
  publish();
  auto one = bus.join(durable_with(1h), 10);
  REQUIRE(one.in->wait_for(1));
  one = {};
  open();
  auto again = bus.join(durable_with(1h), 10);
  CHECK(again.in->at(0).delivered == 2);
}

TEST_CASE_METHOD(time_fixture, "a delay asked for holds over a restart",
                 "[embedded_bus]") {
  REQUIRE(bus.ensure(jobs_stream));
  publish();
  auto one = bus.join(durable_with(30s), 10);
  REQUIRE(one.nak(one.in->at(0), 10min));
  one = {};
  close();
  clock.advance(4min);
  open();
  auto again = bus.join(durable_with(30s), 10);
  advance(359'999ms);
  CHECK(again.in->size() == 0);
  advance(1ms);
  CHECK(again.in->at(0).delivered == 2);
}

TEST_CASE_METHOD(time_fixture, "a late nak leaves the next delivery alone",
                 "[embedded_bus]") {
  REQUIRE(bus.ensure(jobs_stream));
  publish();
  auto one = bus.join(durable_with(30s), 10);
  auto first = one.in->at(0);
  advance(30s);
  REQUIRE(one.in->size() == 2);
  CHECK(one.nak(first, 0ms));
  CHECK(one.settle(first, {settlement::kind::in_progress, {}}));
  touch();
  CHECK(one.in->size() == 2);
  advance(30s);
  CHECK(one.in->size() == 3);
}

TEST_CASE_METHOD(time_fixture,
                 "the dedupe window ends on time, restarts or not",
                 "[embedded_bus]") {
  REQUIRE(bus.ensure(jobs_stream));
  publish("a");
  advance(60s);
  publish("b");
  open();
  advance(60s);
  auto duplicate = [&](const std::string& id) {
    auto ack = bus.publish(message("jobs.a", "x", id));
    REQUIRE(ack);
    return ack->duplicate;
  };
  CHECK(duplicate("a"));
  advance(1ms);
  CHECK_FALSE(duplicate("a"));
  CHECK(duplicate("b"));
  advance(60s);
  CHECK_FALSE(duplicate("b"));
  CHECK(duplicate("a"));
}

TEST_CASE_METHOD(full_window_fixture,
                 "a full dedupe window is read after the start, a part at a "
                 "time, and tells duplicates apart at once",
                 "[embedded_bus]") {
  fill_window();
  open();
  // In order, with and without an id, and answered for each.
  std::vector<std::string> answers;
  auto answer = [&](const caf::expected<publish_ack>& got) {
    REQUIRE(got);
    answers.push_back((got->duplicate ? "duplicate " : "stored ")
                      + std::to_string(got->sequence));
  };
  for (const auto* id : {"last", "new", "", "id0", "new", "id11999"})
    bus.raw().publish(message("jobs.a", "x", id), answer);
  touch();
  REQUIRE(bus.publish(message("jobs.a", "x", "end")));
  CHECK(answers
        == std::vector<std::string>{"duplicate 12001", "stored 12002",
                                    "stored 12003", "duplicate 1",
                                    "duplicate 12002", "duplicate 12000"});
}

TEST_CASE_METHOD(full_window_fixture,
                 "what is asked is answered before a full dedupe window is "
                 "known, what is published after it",
                 "[embedded_bus]") {
  fill_window();
  close();
  // Holds the bus's own thread in its first turn.
  std::promise<void> go;
  options.wall = [wall = options.wall, may = go.get_future().share(),
                  opens = std::this_thread::get_id()] {
    if (std::this_thread::get_id() != opens)
      may.wait();
    return wall();
  };
  open();
  std::vector<std::string> answers;
  bus.raw().publish(
    message("jobs.a", "x", "last"), [&](const caf::expected<publish_ack>& got) {
      answers.push_back(got && got->duplicate ? "duplicate" : "stored");
    });
  bus.raw().read({.stream = "JOBS"}, [&](const auto& got) {
    answers.push_back(got ? "read" : "not read");
  });
  go.set_value();
  REQUIRE(bus.publish(message("jobs.a", "x", "end")));
  CHECK(answers == std::vector<std::string>{"read", "duplicate"});
}

TEST_CASE_METHOD(full_window_fixture,
                 "a clock that is set while the dedupe window is read moves "
                 "all of it",
                 "[embedded_bus]") {
  fill_window();
  open();
  clock.set_wall(-1h);
  touch();
  CHECK(bus.publish(message("jobs.a", "x", "id1"))->duplicate);
  advance(121s);
  CHECK_FALSE(bus.publish(message("jobs.a", "x", "id1"))->duplicate);
  CHECK_FALSE(bus.publish(message("jobs.a", "x", "last"))->duplicate);
}

TEST_CASE_METHOD(time_fixture,
                 "what a clock that was years ahead stored becomes old and is "
                 "told apart like anything else",
                 "[embedded_bus]") {
  constexpr auto years = std::chrono::hours{3 * 365 * 24};
  auto config = jobs_stream;
  config.max_age = 1h;
  clock.set_wall(years);
  REQUIRE(bus.ensure(config));
  publish("a");
  publish("b");
  SECTION("after a restart") {
    close();
    clock.set_wall(-years);
    open();
  }
  SECTION("while it runs") {
    clock.set_wall(-years);
  }
  touch();
  CHECK(log.count(log_level::warning) == 1);
  auto found = bus.read({.stream = "JOBS"});
  REQUIRE(found.size() == 2);
  CHECK(found[0].stored_at_ms == 1'700'000'000'000);
  publish("c");
  CHECK(bus.publish(message("jobs.a", "x", "a"))->duplicate);
  advance(121s);
  CHECK_FALSE(bus.publish(message("jobs.a", "x", "a"))->duplicate);
  advance(1h - 121s);
  CHECK(bus.describe("JOBS").messages == 1);
  CHECK(log.count(log_level::warning) == 1);
}

TEST_CASE_METHOD(time_fixture,
                 "a delay by a clock that was years ahead ends when it should",
                 "[embedded_bus]") {
  constexpr auto years = std::chrono::hours{3 * 365 * 24};
  clock.set_wall(years);
  REQUIRE(bus.ensure(jobs_stream));
  publish();
  auto one = bus.join(durable_with(30s), 10);
  REQUIRE(one.nak(one.in->at(0), 10min));
  one = {};
  SECTION("as far as messages tell how far ahead it was") {
    close();
    clock.set_wall(-years);
    open();
    auto again = bus.join(durable_with(30s), 10);
    advance(10min);
    CHECK(again.in->at(0).delivered == 2);
  }
  SECTION("at once if nothing tells any more") {
    for (auto by : {-years, std::chrono::hours{0}}) {
      close();
      clock.set_wall(by);
      open();
      touch();
    }
    auto again = bus.join(durable_with(30s), 10);
    CHECK(again.in->at(0).delivered == 2);
  }
}

TEST_CASE_METHOD(time_fixture,
                 "a clock that leaps forward makes no message old that was "
                 "just stored",
                 "[embedded_bus]") {
  constexpr auto years = std::chrono::hours{3 * 365 * 24};
  auto config = jobs_stream;
  config.max_age = 1h;
  clock.set_wall(-years);
  REQUIRE(bus.ensure(config));
  publish("a");
  advance(10min);
  clock.set_wall(years);
  touch();
  REQUIRE(bus.describe("JOBS").messages == 1);
  CHECK(log.count(log_level::warning) == 1);
  advance(49min);
  CHECK(bus.describe("JOBS").messages == 1);
  advance(1min);
  CHECK(bus.describe("JOBS").messages == 0);
}
