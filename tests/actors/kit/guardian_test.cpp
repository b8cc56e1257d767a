#include "tests/actors/kit/guardian_fixture.hpp"

using namespace std::chrono_literals;
using kit::fault;
using kit::retry_after_of;
using kit::run_state;
using test::get_number;

namespace {

using fixture = test::guardian_fixture;

const auto unavailable = caf::make_error(fault::unavailable);

} // namespace

TEST_CASE_METHOD(fixture, "the gate opens when the child is initialized",
                 "[guardian]") {
  start();
  CHECK(states() == "starting up");
  CHECK(last().actor_class == "subject");
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture,
                 "requests that come before the child is initialized "
                 "are answered by it",
                 "[guardian]") {
  spawn();
  auto first = ask_later<int>(uut, get_number{1});
  auto second = ask_later<int>(uut, get_number{2});
  run();
  CHECK(first.is(1));
  CHECK(second.is(2));
}

TEST_CASE_METHOD(fixture,
                 "while the child is down everybody is answered at "
                 "once, with the time of the next try",
                 "[guardian]") {
  start();
  crash_child();
  CHECK(states() == "starting up down");
  CHECK(last().retry_after == 100ms);
  CHECK(kit::describe(last().reason) == "crashed as told");
  advance(30ms);
  for (auto i = 0; i < 3; ++i) {
    auto answer = ask_number(1);
    REQUIRE(!answer);
    CHECK(answer.error() == unavailable);
    CHECK(retry_after_of(answer.error()) == 70ms);
    CHECK(kit::describe(answer.error()) == "the store: crashed as told");
  }
  CHECK(child.answered == 0);
}

TEST_CASE_METHOD(fixture,
                 "after the back-off exactly one request goes through "
                 "and its answer opens the gate",
                 "[guardian]") {
  start();
  crash_child();
  advance(100ms);
  CHECK(states() == "starting up down probing");
  auto probe = ask_later<int>(uut, get_number{1});
  auto second = ask_later<int>(uut, get_number{2});
  auto third = ask_later<int>(uut, get_number{3});
  run();
  CHECK(probe.is(1));
  CHECK(second.error() == unavailable);
  CHECK(third.error() == unavailable);
  CHECK(child.answered == 1);
  CHECK(states() == "starting up down probing up");
  CHECK(ask_number(4) == 4);
  CHECK(last().restarts == 1);
}

TEST_CASE_METHOD(fixture, "a child that dies of the probe doubles the back-off",
                 "[guardian]") {
  start();
  crash_child();
  advance(100ms);
  auto answer = ask<int>(uut, test::crash{});
  REQUIRE(!answer);
  CHECK(answer.error() == unavailable);
  CHECK(retry_after_of(answer.error()) == 200ms);
  CHECK(last().to == run_state::down);
  advance(199ms);
  CHECK(last().to == run_state::down);
  advance(1ms);
  CHECK(last().to == run_state::probing);
  CHECK(ask_number(1) == 1);
  CHECK(last().to == run_state::up);
}

TEST_CASE_METHOD(fixture,
                 "a failure as the probe's answer closes the gate and "
                 "stops the child",
                 "[guardian]") {
  const auto away = caf::make_error(caf::sec::cannot_connect_to_node);
  config.is_failure = [=](const caf::error& error) { return error == away; };
  start();
  crash_child();
  advance(100ms);
  stage->take_log();
  auto answer = ask<int>(uut, test::refuse{away});
  REQUIRE(!answer);
  CHECK(answer.error() == away);
  CHECK(last().to == run_state::down);
  CHECK(last().retry_after == 200ms);
  CHECK(stage->take_log() == "-a");
  advance(200ms);
  CHECK(stage->take_log() == "+a");
}

TEST_CASE_METHOD(fixture,
                 "an error that is an answer like any other opens the "
                 "gate",
                 "[guardian]") {
  start();
  crash_child();
  advance(100ms);
  auto answer
    = ask<int>(uut, test::refuse{caf::make_error(caf::sec::invalid_argument)});
  REQUIRE(!answer);
  CHECK(answer.error() == caf::make_error(caf::sec::invalid_argument));
  CHECK(last().to == run_state::up);
}

TEST_CASE_METHOD(fixture,
                 "a child that cannot start is tried again and again, "
                 "ever more slowly",
                 "[guardian]") {
  child.crash_on_start = "no disk";
  start();
  for (auto delay : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    CHECK(last().to == run_state::down);
    CHECK(last().retry_after == delay);
    CHECK(kit::describe(last().reason) == "no disk");
    advance(delay);
  }
  child.crash_on_start.clear();
  advance(1s);
  CHECK(last().to == run_state::probing);
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture, "a factory that fails is a child that ended",
                 "[guardian]") {
  child.factory_error = "no such device";
  start();
  CHECK(states() == "starting down");
  auto answer = ask_number(1);
  REQUIRE(!answer);
  CHECK(kit::describe(answer.error()) == "the store: no such device");
  child.factory_error.clear();
  advance(100ms);
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture,
                 "requests that wait for a child that then cannot "
                 "start are answered",
                 "[guardian]") {
  child.crash_on_start = "no disk";
  spawn();
  auto first = ask_later<int>(uut, get_number{1});
  auto second = ask_later<int>(uut, get_number{2});
  run();
  CHECK(first.error() == unavailable);
  CHECK(second.error() == unavailable);
  CHECK(retry_after_of(first.error()) == 100ms);
}

TEST_CASE_METHOD(fixture, "the requests that a dying child holds are answered",
                 "[guardian]") {
  start();
  auto held = ask_later<int>(uut, test::keep_waiting{});
  run();
  auto fatal = ask_later<int>(uut, test::crash{});
  auto queued = ask_later<int>(uut, get_number{1});
  run();
  CHECK(kit::is_lost(held.error()));
  CHECK(kit::is_lost(fatal.error()));
  CHECK(kit::is_lost(queued.error()));
}

TEST_CASE_METHOD(fixture, "a child that ends normally is started again too",
                 "[guardian]") {
  start();
  CHECK(ask<int>(uut, test::quit_with{}) == 0);
  CHECK(last().to == run_state::down);
  advance(100ms);
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture,
                 "a child says that its dependency is lost by "
                 "quitting with an error",
                 "[guardian]") {
  start();
  const auto lost = kit::make_fault(fault::unavailable, "connection reset");
  CHECK(ask<int>(uut, test::quit_with{lost}) == 0);
  auto answer = ask_number(1);
  REQUIRE(!answer);
  CHECK(kit::describe(answer.error()) == "the store: connection reset");
}

TEST_CASE_METHOD(fixture,
                 "the back-off starts over once the child was up for "
                 "its maximum",
                 "[guardian]") {
  start();
  crash_child();
  advance(100ms);
  CHECK(ask_number(1) == 1);
  advance(999ms);
  crash_child();
  CHECK(last().retry_after == 200ms);
  advance(200ms);
  CHECK(ask_number(1) == 1);
  advance(1s);
  crash_child();
  CHECK(last().retry_after == 100ms);
}

TEST_CASE_METHOD(fixture,
                 "a lazy guardian starts its child with the first "
                 "request",
                 "[guardian]") {
  config.lazy = true;
  start();
  CHECK(child.started == 0);
  CHECK(events.empty());
  CHECK(ask_number(3) == 3);
  CHECK(child.started == 1);
  CHECK(states() == "starting up");
}

TEST_CASE_METHOD(fixture, "jitter comes from the injected source",
                 "[guardian]") {
  config.random01 = [] { return 0.5; };
  start();
  crash_child();
  CHECK(last().retry_after == 50ms);
}
