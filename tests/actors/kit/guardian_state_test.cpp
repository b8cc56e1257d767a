#include "tests/actors/kit/guardian_fixture.hpp"

// What a guardian does by itself: probing, stopping, and the child that will
// not do what it is told.

using namespace std::chrono_literals;
using kit::fault;
using kit::run_state;
using test::get_number;
using test::note;

namespace {

struct fixture : test::guardian_fixture {
  caf::error away = kit::unavailable("away", 1s);

  void probe_by_itself() {
    config.probe = [] { return caf::make_message(get_number{0}); };
  }
};

const auto unavailable = caf::make_error(fault::unavailable);

} // namespace

TEST_CASE_METHOD(fixture,
                 "with a probe the gate opens by itself after the "
                 "back-off",
                 "[guardian]") {
  probe_by_itself();
  start();
  CHECK(states() == "starting up");
  CHECK(child.answered == 1);
  crash_child();
  advance(100ms);
  CHECK(states() == "starting up down probing up");
  CHECK(child.answered == 2);
}

TEST_CASE_METHOD(fixture,
                 "a probe that fails keeps the gate closed without "
                 "any request",
                 "[guardian]") {
  probe_by_itself();
  child.probe_failure = away;
  start();
  CHECK(states() == "starting down");
  CHECK(stage->take_log() == "+a -a");
  advance(100ms);
  CHECK(states() == "starting down probing down");
  CHECK(last().retry_after == 200ms);
  CHECK(kit::describe(last().reason) == "away");
  child.probe_failure = {};
  advance(200ms);
  CHECK(last().to == run_state::up);
}

TEST_CASE_METHOD(fixture,
                 "a child that ends before it reads the probe says why "
                 "in every refusal",
                 "[guardian]") {
  probe_by_itself();
  child.crash_on_start = "no disk";
  start();
  for (auto delay : {100ms, 200ms, 400ms}) {
    CHECK(last().to == run_state::down);
    CHECK(last().retry_after == delay);
    CHECK(kit::describe(last().reason) == "no disk");
    CHECK(kit::describe(ask_number(1).error()) == "the store: no disk");
    advance(delay);
  }
  child.crash_on_start.clear();
  advance(800ms);
  CHECK(last().to == run_state::up);
}

TEST_CASE_METHOD(fixture,
                 "while the guardian's own probe runs after a failure "
                 "requests are refused",
                 "[guardian]") {
  config.probe = [] { return caf::make_message(test::keep_waiting{}); };
  start();
  CHECK(states() == "starting");
  CHECK(ask_number(1) == 1); // At the first start requests go through.
  CHECK(last().to == run_state::up);
  crash_child();
  advance(100ms);
  auto answer = ask_number(1);
  REQUIRE(!answer);
  CHECK(answer.error() == unavailable);
}

TEST_CASE_METHOD(fixture,
                 "a probe that is never answered counts as failed at "
                 "its deadline",
                 "[guardian]") {
  config.probe_deadline = 5s;
  start();
  crash_child();
  advance(100ms);
  auto probe = ask_later<int>(uut, test::keep_waiting{});
  run();
  advance(4'999ms);
  CHECK_FALSE(probe.came());
  CHECK(last().to == run_state::probing);
  advance(1ms);
  CHECK(probe.error() == unavailable);
  CHECK(last().to == run_state::down);
  CHECK(kit::describe(last().reason) == "the store did not answer in time");
  advance(200ms);
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture,
                 "a child that dies while it owes the probe's answer "
                 "does not wedge the guardian",
                 "[guardian]") {
  start();
  crash_child();
  advance(100ms);
  auto probe = ask_later<int>(uut, test::keep_waiting{});
  run();
  stop(stage->running.at("a"));
  CHECK(probe.error() == unavailable);
  CHECK(last().to == run_state::down);
  advance(200ms);
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture,
                 "the deadline of an earlier probe does not touch a "
                 "later one",
                 "[guardian]") {
  config.probe_deadline = 150ms;
  start();
  crash_child();
  advance(100ms);
  REQUIRE(!ask<int>(uut, test::crash{}));
  advance(200ms); // The first probe's deadline passes on the way.
  CHECK(last().to == run_state::probing);
  CHECK(ask_number(1) == 1);
  advance(1h);
  CHECK(last().to == run_state::up);
}

TEST_CASE_METHOD(fixture,
                 "plain messages pass while it is up and are dropped "
                 "and counted while it is down",
                 "[guardian]") {
  start();
  self()->send(uut, note{});
  run();
  CHECK(child.noted == 1);
  crash_child();
  for (auto i = 0; i < 3; ++i)
    self()->send(uut, note{});
  run();
  advance(100ms);
  CHECK(last().dropped == 3);
  self()->send(uut, note{});
  CHECK(ask_number(1) == 1);
  CHECK(last().dropped == 1);
  CHECK(child.noted == 1);
  CHECK(self()->peek_at_next_mailbox_element() == nullptr);
}

TEST_CASE_METHOD(fixture, "plain messages reach a child that is just starting",
                 "[guardian]") {
  spawn();
  self()->send(uut, note{});
  run();
  CHECK(child.noted == 1);
}

TEST_CASE_METHOD(fixture,
                 "a dismissed child that ignores its exit message is "
                 "killed, and there are never two",
                 "[guardian]") {
  child.ignore_exit = true;
  start();
  crash_child();
  advance(100ms);
  stage->take_log();
  auto answer = ask<int>(uut, test::refuse{away});
  REQUIRE(!answer);
  CHECK(last().to == run_state::down);
  CHECK(stage->take_log().empty());
  advance(900ms); // The back-off of 200 ms is over.
  CHECK(stage->take_log().empty());
  CHECK(child.started == 2);
  advance(100ms); // The stop deadline.
  CHECK(stage->take_log() == "-a");
  advance(100ms);
  CHECK(stage->take_log() == "+a");
  CHECK(ask_number(1) == 1);
}

TEST_CASE_METHOD(fixture,
                 "stopping stops the child first and answers what is "
                 "under way",
                 "[guardian]") {
  child.ignore_exit = true;
  start();
  self()->monitor(guardian);
  auto held = ask_later<int>(uut, test::keep_waiting{});
  run();
  stop(guardian);
  CHECK(states() == "starting up stopping");
  auto late = ask_number(1);
  REQUIRE(!late);
  CHECK(late.error() == unavailable);
  CHECK(kit::describe(late.error()) == "the store is stopping");
  advance(1s);
  CHECK(held.error() == caf::make_error(fault::broken_promise));
  CHECK(states() == "starting up stopping stopped");
  caf::error reason;
  REQUIRE(self()->peek_at_next_mailbox_element());
  self()->receive([&](caf::down_msg& down) { reason = down.reason; });
  CHECK(reason == caf::make_error(caf::exit_reason::user_shutdown));
}

TEST_CASE_METHOD(fixture, "stopping while it is down ends at once",
                 "[guardian]") {
  start();
  crash_child();
  stop(guardian);
  CHECK(states() == "starting up down stopping stopped");
  advance(1h);
  CHECK(child.started == 1);
}

TEST_CASE_METHOD(fixture, "stopping during a probe answers it", "[guardian]") {
  start();
  crash_child();
  advance(100ms);
  auto probe = ask_later<int>(uut, test::keep_waiting{});
  run();
  stop(guardian);
  CHECK(probe.error() == unavailable);
  CHECK(last().to == run_state::stopped);
}

TEST_CASE_METHOD(fixture, "a guardian that is killed takes its child along",
                 "[guardian]") {
  child.ignore_exit = true;
  start();
  stage->take_log();
  stop(guardian, caf::exit_reason::kill);
  CHECK(stage->take_log() == "-a");
}
