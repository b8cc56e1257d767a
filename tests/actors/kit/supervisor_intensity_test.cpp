#include "tests/actors/kit/supervisor_fixture.hpp"

using namespace std::chrono_literals;
using kit::restart_kind;
using kit::restart_strategy;
using kit::run_state;
using test::no_jitter;

namespace {

using fixture = test::supervisor_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "a permanent child is restarted after a normal end",
                 "[supervisor]") {
  add("a");
  start();
  CHECK(ask<int>(stage->running["a"], test::quit_with{}) == 0);
  CHECK(states() == "a=down");
  advance(100ms);
  CHECK(states() == "a=up");
}

TEST_CASE_METHOD(fixture, "a transient child is restarted only if it failed",
                 "[supervisor]") {
  add("a", restart_kind::transient);
  add("b", restart_kind::transient);
  add("c", restart_kind::transient);
  start();
  CHECK(ask<int>(stage->running["a"], test::quit_with{}) == 0);
  CHECK(ask<int>(stage->running["b"],
                 test::quit_with{caf::exit_reason::user_shutdown})
        == 0);
  crash_child("c");
  CHECK(states() == "a=stopped b=stopped c=down");
  advance(10s);
  CHECK(states() == "a=stopped b=stopped c=up");
}

TEST_CASE_METHOD(fixture,
                 "a temporary child is never restarted, not even with "
                 "its group",
                 "[supervisor]") {
  config.strategy = restart_strategy::one_for_all;
  add("a");
  add("b", restart_kind::temporary);
  add("c", restart_kind::temporary);
  start();
  stage->take_log();
  crash_child("b");
  CHECK(stage->take_log() == "-b");
  CHECK(states() == "a=up b=stopped c=up");
  crash_child("a");
  advance(100ms);
  CHECK(stage->take_log() == "-a -c +a");
  CHECK(states() == "a=up b=stopped c=stopped");
}

TEST_CASE_METHOD(fixture,
                 "the back-off doubles while a child keeps failing "
                 "and starts over once it ran for a period",
                 "[supervisor]") {
  add("a");
  start();
  for (auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms}) {
    crash_child("a");
    CHECK(children()[0].retry_after == expected);
    advance(expected);
  }
  advance(60s);
  crash_child("a");
  CHECK(children()[0].retry_after == 100ms);
}

TEST_CASE_METHOD(fixture,
                 "a crash storm makes the supervisor stop its "
                 "children in reverse order and give up",
                 "[supervisor]") {
  config.intensity = {.restarts_max = 2, .period = 10s};
  add("a");
  add("b");
  add("c");
  start();
  stage->take_log();
  crash_child("b");
  advance(100ms);
  crash_child("b");
  advance(200ms);
  stage->take_log();
  CHECK_FALSE(ended());
  crash_child("b");
  CHECK(stage->take_log() == "-b -c -a");
  const auto reason = ended();
  REQUIRE(reason);
  CHECK(*reason == caf::make_error(kit::fault::gave_up));
  CHECK(kit::describe(*reason) == "/top/b failed too often: crashed as told");
  for (const auto* path : {"/top/a", "/top/b", "/top/c"})
    CHECK(last_event(path).to == run_state::stopped);
}

TEST_CASE_METHOD(fixture,
                 "as many crashes spread over more than the period "
                 "are tolerated",
                 "[supervisor]") {
  config.intensity = {.restarts_max = 2, .period = 10s};
  add("a");
  start();
  for (auto i = 0; i < 20; ++i) {
    crash_child("a");
    advance(5s);
    INFO(i);
    REQUIRE(states() == "a=up");
  }
}

TEST_CASE_METHOD(fixture, "the crashes of all children count together",
                 "[supervisor]") {
  config.intensity = {.restarts_max = 2, .period = 10s};
  add("a");
  add("b");
  add("c");
  start();
  crash_child("a");
  crash_child("b");
  CHECK_FALSE(ended());
  crash_child("c");
  CHECK(ended());
}

TEST_CASE_METHOD(fixture,
                 "a child that crashes at every start ends in giving "
                 "up, not in a loop",
                 "[supervisor]") {
  config.backoff = {.min = 0ms, .max = 0ms};
  add("a");
  stage->scripts["a"].crash_on_start = "no disk";
  start();
  for (auto i = 0; i < 10; ++i)
    advance(1ms);
  CHECK(stage->scripts["a"].started == 6);
  REQUIRE(ended());
}

TEST_CASE_METHOD(fixture, "jitter comes from the injected source",
                 "[supervisor]") {
  config.random01 = [] { return 0.25; };
  add("a");
  start();
  crash_child("a");
  CHECK(children()[0].retry_after == 25ms);
}
