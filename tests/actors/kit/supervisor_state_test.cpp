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
