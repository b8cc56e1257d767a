#include "tests/actors/kit/supervisor_fixture.hpp"

using namespace std::chrono_literals;
using kit::restart_kind;
using kit::restart_strategy;
using kit::run_state;
using test::no_jitter;

namespace {

using fixture = test::supervisor_fixture;

} // namespace

TEST_CASE_METHOD(fixture,
                 "children start in order, each after the one before "
                 "has been initialized",
                 "[supervisor]") {
  add("a");
  add("b");
  add("c");
  start();
  CHECK(stage->take_log() == "+a +b +c");
  CHECK(states() == "a=up b=up c=up");
  std::string seen;
  for (const auto& event : events)
    seen += event.path + '>' + kit::to_string(event.to) + ' ';
  CHECK(seen
        == "/top/a>starting /top/a>up /top/b>starting /top/b>up "
           "/top/c>starting /top/c>up ");
  CHECK(last_event("/top/c").actor_class == "subject");
}

TEST_CASE_METHOD(fixture, "a supervisor without children is content",
                 "[supervisor]") {
  start();
  CHECK(children().empty());
  CHECK_FALSE(ended());
}

TEST_CASE_METHOD(fixture, "one_for_one restarts the child that crashed, alone",
                 "[supervisor]") {
  add("a");
  add("b");
  add("c");
  start();
  stage->take_log();
  crash_child("b");
  CHECK(stage->take_log() == "-b");
  CHECK(states() == "a=up b=down c=up");
  CHECK(children()[1].retry_after == 100ms);
  CHECK(children()[1].last_error == "crashed as told");
  advance(99ms);
  CHECK(stage->take_log().empty());
  CHECK(children()[1].retry_after == 1ms);
  advance(1ms);
  CHECK(stage->take_log() == "+b");
  CHECK(states() == "a=up b=up c=up");
  CHECK(children()[1].restarts == 1);
  CHECK(children()[1].last_error == "crashed as told");
}

TEST_CASE_METHOD(fixture,
                 "one_for_all stops the others in reverse order and "
                 "starts all in order",
                 "[supervisor]") {
  config.strategy = restart_strategy::one_for_all;
  add("a");
  add("b");
  add("c");
  add("d");
  start();
  stage->take_log();
  crash_child("b");
  CHECK(stage->take_log() == "-b -d -c -a");
  advance(99ms);
  CHECK(stage->take_log().empty());
  advance(1ms);
  CHECK(stage->take_log() == "+a +b +c +d");
  CHECK(states() == "a=up b=up c=up d=up");
}

TEST_CASE_METHOD(fixture, "rest_for_one takes along those that started later",
                 "[supervisor]") {
  config.strategy = restart_strategy::rest_for_one;
  add("a");
  add("b");
  add("c");
  add("d");
  start();
  stage->take_log();
  crash_child("b");
  CHECK(stage->take_log() == "-b -d -c");
  advance(100ms);
  CHECK(stage->take_log() == "+b +c +d");
  crash_child("d");
  CHECK(stage->take_log() == "-d");
  advance(100ms);
  CHECK(stage->take_log() == "+d");
  CHECK(states() == "a=up b=up c=up d=up");
}

TEST_CASE_METHOD(fixture,
                 "an earlier child that crashes during the back-off "
                 "of a group is restarted with it",
                 "[supervisor]") {
  config.strategy = restart_strategy::rest_for_one;
  add("a");
  add("b");
  add("c");
  start();
  stage->take_log();
  crash_child("c");
  advance(50ms);
  crash_child("a");
  CHECK(stage->take_log() == "-c -a -b");
  advance(50ms);
  CHECK(stage->take_log().empty());
  advance(50ms);
  CHECK(stage->take_log() == "+a +b +c");
  CHECK(states() == "a=up b=up c=up");
}

TEST_CASE_METHOD(fixture,
                 "a child that crashes on start does not hold up the "
                 "others and is tried again",
                 "[supervisor]") {
  add("a");
  add("b");
  add("c");
  stage->scripts["b"].crash_on_start = "no disk";
  start();
  CHECK(stage->take_log() == "+a +c");
  CHECK(states() == "a=up b=down c=up");
  CHECK(children()[1].last_error == "no disk");
  advance(100ms);
  CHECK(stage->scripts["b"].started == 2);
  CHECK(children()[1].retry_after == 200ms);
  stage->scripts["b"].crash_on_start.clear();
  advance(200ms);
  CHECK(states() == "a=up b=up c=up");
  CHECK(states_of("/top/b") == "starting down starting down starting up");
}

TEST_CASE_METHOD(fixture, "a factory that fails is a crash at start",
                 "[supervisor]") {
  add("a");
  add("b");
  stage->scripts["a"].factory_error = "no such device";
  start();
  CHECK(states() == "a=down b=up");
  CHECK(children()[0].last_error == "no such device");
  stage->scripts["a"].factory_error.clear();
  advance(100ms);
  CHECK(states() == "a=up b=up");
}

TEST_CASE_METHOD(fixture,
                 "a factory that throws or returns nothing is a crash "
                 "at start",
                 "[supervisor]") {
  specs.push_back(kit::child("throws", [](caf::actor_system&) -> caf::actor {
    throw std::runtime_error{"thrown"};
  }));
  specs.push_back(
    kit::child("null", [](caf::actor_system&) { return caf::actor{}; }));
  start();
  CHECK(states() == "throws=down null=down");
  CHECK(children()[0].last_error == "thrown");
  CHECK(children()[1].last_error == "the factory returned no actor");
}

TEST_CASE_METHOD(fixture,
                 "with rest_for_one nothing starts after a child that "
                 "crashed on start",
                 "[supervisor]") {
  config.strategy = restart_strategy::rest_for_one;
  add("a");
  add("b");
  add("c");
  stage->scripts["b"].crash_on_start = "no disk";
  start();
  CHECK(stage->take_log() == "+a");
  CHECK(states() == "a=up b=down c=idle");
  stage->scripts["b"].crash_on_start.clear();
  advance(100ms);
  CHECK(stage->take_log() == "+b +c");
}

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
