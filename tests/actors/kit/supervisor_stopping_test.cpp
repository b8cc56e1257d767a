#include "tests/actors/kit/supervisor_fixture.hpp"

using namespace std::chrono_literals;
using kit::fault;
using kit::restart_strategy;
using kit::run_state;

namespace {

using fixture = test::supervisor_fixture;

const auto shutdown = caf::make_error(caf::exit_reason::user_shutdown);

} // namespace

TEST_CASE_METHOD(fixture,
                 "children stop in reverse order, then the supervisor "
                 "with the reason it was given",
                 "[supervisor]") {
  add("a");
  add("b");
  add("c");
  start();
  stage->take_log();
  stop(uut);
  CHECK(stage->take_log() == "-c -b -a");
  CHECK(ended() == shutdown);
  CHECK(states_of("/top/a") == "starting up stopping stopped");
}

TEST_CASE_METHOD(fixture, "one child is told to stop when the one after it has",
                 "[supervisor]") {
  add("a");
  add("b");
  stage->scripts["b"].ignore_exit = true;
  start();
  stage->take_log();
  stop(uut);
  CHECK(stage->take_log().empty());
  CHECK(states() == "a=up b=stopping");
  CHECK(ask<int>(stage->running["b"], test::quit_with{}) == 0);
  CHECK(stage->take_log() == "-b -a");
  CHECK(ended() == shutdown);
}

TEST_CASE_METHOD(fixture,
                 "a child that ignores its exit message is killed at "
                 "its deadline",
                 "[supervisor]") {
  add("a");
  add("b");
  stage->scripts["b"].ignore_exit = true;
  start();
  stage->take_log();
  stop(uut);
  advance(999ms);
  CHECK(stage->take_log().empty());
  CHECK_FALSE(ended());
  advance(1ms);
  CHECK(stage->take_log() == "-b -a");
  CHECK(ended() == shutdown);
  CHECK(last_event("/top/b").reason == caf::make_error(caf::exit_reason::kill));
}

TEST_CASE_METHOD(fixture, "a child that crashes while it stops has stopped",
                 "[supervisor]") {
  add("a");
  add("b");
  stage->scripts["b"].crash_on_stop = "while stopping";
  start();
  stage->take_log();
  stop(uut);
  CHECK(stage->take_log() == "-b -a");
  CHECK(ended() == shutdown);
  CHECK(kit::describe(last_event("/top/b").reason) == "while stopping");
}

TEST_CASE_METHOD(fixture,
                 "a child that crashes before its turn to stop is not "
                 "restarted",
                 "[supervisor]") {
  add("a");
  add("b");
  stage->scripts["b"].ignore_exit = true;
  start();
  stage->take_log();
  stop(uut);
  crash_child("a");
  CHECK(states() == "a=stopped b=stopping");
  advance(1s);
  CHECK(stage->take_log() == "-a -b");
  CHECK(ended() == shutdown);
  CHECK(stage->scripts["a"].started == 1);
}

TEST_CASE_METHOD(fixture, "stopping during a back-off does not wait for it",
                 "[supervisor]") {
  add("a");
  add("b");
  start();
  crash_child("b");
  stop(uut);
  CHECK(ended() == shutdown);
  CHECK(last_event("/top/b").to == run_state::stopped);
  advance(1h);
  CHECK(stage->scripts["b"].started == 1);
}

TEST_CASE_METHOD(fixture, "stopping during a group's restart stops what runs",
                 "[supervisor]") {
  config.strategy = restart_strategy::one_for_all;
  add("a");
  add("b");
  add("c");
  stage->scripts["b"].ignore_exit = true;
  start();
  stage->take_log();
  crash_child("c");
  CHECK(states() == "a=up b=stopping c=down");
  stop(uut);
  CHECK(stage->take_log() == "-c");
  advance(1s);
  CHECK(stage->take_log() == "-b -a");
  CHECK(ended() == shutdown);
}

TEST_CASE_METHOD(fixture,
                 "a group is restarted only when all of it has "
                 "stopped, however short the back-off",
                 "[supervisor]") {
  config.strategy = restart_strategy::one_for_all;
  add("a");
  add("b");
  stage->scripts["a"].ignore_exit = true;
  start();
  stage->take_log();
  crash_child("b");
  advance(100ms);
  CHECK(stage->take_log() == "-b");
  advance(900ms);
  CHECK(stage->take_log() == "-a +a +b");
  // The new one starts with a clean slate: it is told before it is killed.
  stop(uut);
  CHECK(stage->take_log() == "-b");
  advance(1s);
  CHECK(stage->take_log() == "-a");
  CHECK(ended() == shutdown);
}

TEST_CASE_METHOD(fixture,
                 "requests in flight and in the queue of a stopped "
                 "child are answered",
                 "[supervisor]") {
  add("a");
  start();
  auto held = ask_later<int>(stage->running["a"], test::keep_waiting{});
  run();
  stop(uut);
  REQUIRE(held.came());
  CHECK(held.error() == caf::make_error(fault::broken_promise));
  auto late = ask<int>(stage->running["a"], test::get_number{1});
  REQUIRE(!late);
  CHECK(kit::is_lost(late.error()));
}

TEST_CASE_METHOD(fixture,
                 "a supervisor that is killed takes its children "
                 "along",
                 "[supervisor]") {
  add("a");
  add("b");
  stage->scripts["b"].ignore_exit = true;
  start();
  stage->take_log();
  stop(uut, caf::exit_reason::kill);
  CHECK(ended() == caf::make_error(caf::exit_reason::kill));
  CHECK(stage->log.size() == 2);
}

TEST_CASE_METHOD(fixture, "a second exit message changes nothing",
                 "[supervisor]") {
  add("a");
  stage->scripts["a"].ignore_exit = true;
  start();
  stop(uut);
  stop(uut, caf::exit_reason::unknown);
  advance(1s);
  CHECK(ended() == shutdown);
}
