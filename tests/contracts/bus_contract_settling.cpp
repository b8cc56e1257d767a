#include "tests/contracts/bus_consumers.hpp"

#include <chrono>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

/// Timers may fire a little early by another clock, never by more.
constexpr auto early = 50ms;

} // namespace

TEST_CASE_METHOD(consumers_fixture, "an acked message is not delivered again",
                 "[bus]") {
  publish(2);
  auto options = durable("d");
  options.ack_wait = 500ms;
  auto one = bus.join(options, 10);
  CHECK(one.ack(one.in->at(0)));
  // The other one's redelivery shows that the ack wait is over.
  CHECK(one.in->at(2).sequence == 2);
  CHECK(one.ack(one.in->at(2)));
  CHECK(eventually([&] { return state("d").ack_pending == 0; }));
  one = {};
  reopen();
  publish(1);
  auto again = bus.join(options, 10);
  CHECK(again.in->at(0).sequence == 3);
}

TEST_CASE_METHOD(consumers_fixture, "what is not settled in time comes again",
                 "[bus]") {
  publish(1);
  auto options = durable("d");
  options.ack_wait = 500ms;
  auto begin = clock_type::now();
  auto one = bus.join(options, 2);
  auto second = one.in->at(1);
  CHECK(clock_type::now() - begin >= options.ack_wait - early);
  CHECK(second.sequence == 1);
  CHECK(second.delivered == 2);
  CHECK(second.message.payload == one.in->at(0).message.payload);
  CHECK(state("d").redelivered == 1);
  CHECK(one.ack(second));
}

TEST_CASE_METHOD(consumers_fixture,
                 "a durable tells up to where all is settled", "[bus]") {
  publish(4);
  auto one = bus.join(durable("d"), 3);
  CHECK(state("d").settled_to == 0);
  CHECK(one.ack(one.in->at(1)));
  CHECK(state("d").settled_to == 0);
  CHECK(one.ack(one.in->at(0)));
  CHECK(eventually([&] { return state("d").settled_to == 2; }));
  CHECK(one.ack(one.in->at(2)));
  CHECK(eventually([&] { return state("d").settled_to == 3; }));
  one = {};
  reopen();
  CHECK(state("d").settled_to == 3);
}

TEST_CASE_METHOD(consumers_fixture, "a late ack counts", "[bus]") {
  publish(1);
  auto options = durable("d");
  options.ack_wait = 300ms;
  auto one = bus.join(options, 2);
  auto second = one.in->at(1);
  CHECK(one.ack(one.in->at(0)));
  CHECK(eventually([&] { return state("d").ack_pending == 0; }));
  CHECK(failure_code(one.settle(second, {})) == ec::not_found);
}

TEST_CASE_METHOD(consumers_fixture, "a nak brings the message back at once",
                 "[bus]") {
  publish(1);
  auto one = bus.join(durable("d"), 3);
  REQUIRE(one.nak(one.in->at(0), 0ms));
  CHECK(one.in->at(1).delivered == 2);
  REQUIRE(one.nak(one.in->at(1), 0ms));
  CHECK(one.in->at(2).delivered == 3);
}

TEST_CASE_METHOD(consumers_fixture, "a nak with delay waits that long",
                 "[bus]") {
  publish(2);
  auto options = durable("d");
  options.ack_wait = 100s;
  auto one = bus.join(options, 3);
  auto first = one.in->at(0);
  auto begin = clock_type::now();
  REQUIRE(one.nak(first, 700ms));
  auto again = one.in->at(2);
  CHECK(clock_type::now() - begin >= 700ms - early);
  CHECK(again.sequence == first.sequence);
  CHECK(again.delivered == 2);
}

TEST_CASE_METHOD(consumers_fixture, "a delay may be longer than the ack wait",
                 "[bus]") {
  publish(1);
  auto options = durable("d");
  options.ack_wait = 200ms;
  auto one = bus.join(options, 3);
  auto first = one.in->at(0);
  auto begin = clock_type::now();
  REQUIRE(one.nak(first, 1'000ms));
  CHECK(one.in->at(1).delivered == 2);
  CHECK(clock_type::now() - begin >= 1'000ms - early);
}

TEST_CASE_METHOD(consumers_fixture, "a terminated message never comes again",
                 "[bus]") {
  publish(2);
  auto options = durable("d");
  options.ack_wait = 300ms;
  auto one = bus.join(options, 10);
  auto first = one.in->at(0);
  REQUIRE(one.settle(first, {settlement::kind::term, {}}));
  CHECK(one.in->at(2).sequence == 2);
  CHECK(one.in->at(3).sequence == 2);
  CHECK(failure_code(one.settle(first, {})) == ec::not_found);
}

TEST_CASE_METHOD(consumers_fixture, "work in progress keeps its message",
                 "[bus]") {
  publish(1);
  auto options = durable("d");
  options.ack_wait = 1'500ms;
  auto one = bus.join(options, 2);
  auto first = one.in->at(0);
  auto told = clock_type::now();
  for (auto i = 0; i < 4; ++i) {
    CHECK_FALSE(one.in->wait_for(2, 500ms));
    told = clock_type::now();
    REQUIRE(one.settle(first, {settlement::kind::in_progress, {}}));
  }
  CHECK(one.in->at(1).delivered == 2);
  CHECK(clock_type::now() - told >= options.ack_wait - early);
}

TEST_CASE_METHOD(consumers_fixture, "a delivery is settled once", "[bus]") {
  publish(1);
  auto one = bus.join(durable("d"), 1);
  auto other = bus.join(durable("e"), 1);
  auto first = one.in->at(0);
  auto others = other.in->at(0);
  CHECK(failure_code(one.settle(others, {})) == ec::not_found);
  auto unknown = first;
  unknown.token = "none";
  CHECK(failure_code(one.settle(unknown, {})) == ec::not_found);
  unknown.token = "";
  CHECK(failure_code(one.settle(unknown, {})) == ec::not_found);
  CHECK(one.ack(first));
  for (auto kind : {settlement::kind::ack, settlement::kind::nak,
                    settlement::kind::term, settlement::kind::in_progress})
    CHECK(failure_code(one.settle(first, {kind, {}})) == ec::not_found);
  CHECK(state("d").ack_pending == 0);
  CHECK(state("e").ack_pending == 1);
}

TEST_CASE_METHOD(consumers_fixture, "the bus gives up after max_deliver",
                 "[bus]") {
  publish(1);
  auto options = durable("d");
  options.ack_wait = 200ms;
  options.max_deliver = 3;
  auto one = bus.join(options, 10);
  CHECK(one.in->at(2).delivered == 3);
  CHECK_FALSE(one.in->wait_for(4, 800ms));
  publish(1);
  CHECK(one.in->at(3).sequence == 2);
}
