#include "actors/kit/address.hpp"

#include "tests/actors/kit/supervisor_fixture.hpp"

using namespace std::chrono_literals;
using kit::fault;
using test::get_number;
using test::note;

namespace {

struct fixture : test::supervisor_fixture {
  caf::actor address = kit::spawn_address(system(), "the writer");
  test::subject_actor writer = kit::guardian_as<test::subject_actor>(address);

  fixture() {
    add("a");
    specs.front().address = address;
  }
};

const auto unavailable = caf::make_error(fault::unavailable);

} // namespace

TEST_CASE_METHOD(fixture, "an address leads to the child across restarts",
                 "[address]") {
  start();
  CHECK(ask<int>(writer, get_number{1}) == 1);
  crash_child("a");
  advance(100ms);
  CHECK(ask<int>(writer, get_number{2}) == 2);
  CHECK(stage->scripts["a"].started == 2);
}

TEST_CASE_METHOD(fixture,
                 "before the start an address answers that nobody is "
                 "there",
                 "[address]") {
  auto answer = ask<int>(writer, get_number{1});
  REQUIRE(!answer);
  CHECK(answer.error() == unavailable);
  CHECK(kit::describe(answer.error()) == "the writer: not started");
}

TEST_CASE_METHOD(fixture,
                 "while the child is down an address answers why and "
                 "when it is tried again",
                 "[address]") {
  start();
  crash_child("a");
  advance(40ms);
  auto answer = ask<int>(writer, get_number{1});
  REQUIRE(!answer);
  CHECK(answer.error() == unavailable);
  CHECK(kit::describe(answer.error()) == "the writer: crashed as told");
  CHECK(kit::retry_after_of(answer.error()) == 60ms);
}

TEST_CASE_METHOD(fixture,
                 "plain messages are passed on, or dropped while the "
                 "child is down",
                 "[address]") {
  start();
  self()->send(writer, note{});
  run();
  crash_child("a");
  self()->send(writer, note{});
  run();
  advance(100ms);
  self()->send(writer, note{});
  run();
  CHECK(stage->scripts["a"].noted == 2);
  CHECK(self()->peek_at_next_mailbox_element() == nullptr);
}

TEST_CASE_METHOD(fixture, "an address outlives its supervisor and answers",
                 "[address]") {
  start();
  stop(uut);
  REQUIRE(ended());
  auto answer = ask<int>(writer, get_number{1});
  REQUIRE(!answer);
  CHECK(answer.error() == unavailable);
}

TEST_CASE_METHOD(fixture,
                 "an address survives the restart of the supervisor "
                 "that feeds it",
                 "[address]") {
  auto inner = config;
  inner.intensity.restarts_max = 0;
  specs = {kit::nested("api", inner, specs)};
  start();
  crash_child("a"); // One too many for the inner one.
  CHECK(!ask<int>(writer, get_number{1}));
  advance(100ms);
  CHECK(ask<int>(writer, get_number{2}) == 2);
}
