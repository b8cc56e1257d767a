#include "tests/contracts/bus_consumers.hpp"

#include <algorithm>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(consumers_fixture, "credit bounds what is delivered",
                 "[bus]") {
  publish(10);
  auto one = bus.join(durable("d"));
  CHECK(state("d").pending == 10);
  CHECK(state("d").ack_pending == 0);
  one.on->request(3);
  REQUIRE(one.in->wait_for(3));
  CHECK(state("d").pending == 7);
  CHECK(state("d").ack_pending == 3);
  one.on->request(1);
  one.on->request(1);
  REQUIRE(one.in->wait_for(5));
  CHECK(eventually([&] { return state("d").pending == 5; }));
  CHECK_FALSE(one.in->wait_for(6, 200ms));
}

TEST_CASE_METHOD(consumers_fixture, "deliveries are complete and in order",
                 "[bus]") {
  auto sent = envelope{"jobs.a.7", {{"Ss-Type", "t"}, {"Ss-Cause", "c"}}, "p"};
  REQUIRE(bus.publish(sent));
  publish(99);
  auto one = bus.join(durable("d"), 200);
  REQUIRE(one.in->wait_for(100));
  CHECK(one.in->sequences() == numbers(1, 100));
  auto first = one.in->at(0);
  CHECK(first.message.subject == sent.subject);
  CHECK(first.message.headers == sent.headers);
  CHECK(first.message.payload == sent.payload);
  CHECK(first.stream == "JOBS");
  CHECK(first.delivered == 1);
  CHECK(first.pending == 99);
  CHECK(std::abs(system_wall_clock()() - first.stored_at_ms) < 60'000);
  CHECK(one.in->at(99).pending == 0);
  publish(1);
  CHECK(one.in->at(100).sequence == 101);
}

TEST_CASE_METHOD(consumers_fixture, "a filter selects by subject", "[bus]") {
  for (const auto* subject : {"jobs.a.1", "jobs.b.1", "jobs.a.2", "jobs.a.1.x"})
    REQUIRE(bus.publish(message(subject)));
  auto with = [&](std::string name, std::string filter) {
    auto options = durable(std::move(name));
    options.filter_subject = std::move(filter);
    return bus.join(options, 10);
  };
  auto rest = with("rest", "jobs.a.>");
  auto token = with("token", "jobs.*.1");
  auto exact = with("exact", "jobs.a.1");
  auto none = with("none", "jobs.c.>");
  REQUIRE(rest.in->wait_for(3));
  REQUIRE(token.in->wait_for(2));
  REQUIRE(exact.in->wait_for(1));
  CHECK(rest.in->sequences() == std::vector<std::uint64_t>{1, 3, 4});
  CHECK(rest.in->at(0).pending == 2);
  CHECK(token.in->sequences() == std::vector<std::uint64_t>{1, 2});
  CHECK(exact.in->sequences() == std::vector<std::uint64_t>{1});
  CHECK(state("none").pending == 0);
  CHECK(state("none").filter_subject == "jobs.c.>");
  REQUIRE(bus.publish(message("jobs.c.9")));
  CHECK(none.in->at(0).sequence == 5);
  REQUIRE(bus.publish(message("jobs.a.3")));
  CHECK(rest.in->at(3).sequence == 6);
  CHECK(none.in->size() == 1);
}

TEST_CASE_METHOD(consumers_fixture, "a new durable starts where it is told",
                 "[bus]") {
  publish(3);
  auto stored = bus.read({.stream = "JOBS"}).back().stored_at_ms;
  REQUIRE(eventually([&] { return system_wall_clock()() > stored + 5; }));
  publish(2);
  auto from = [&](std::string name, start_position start) {
    auto options = durable(std::move(name));
    options.start = start;
    return bus.join(options, 10);
  };
  auto first = from("first", {});
  auto sequence = from("sequence",
                       {.from = start_position::kind::sequence, .sequence = 3});
  auto time = from("time",
                   {.from = start_position::kind::time, .time_ms = stored + 3});
  auto fresh = from("new", {.from = start_position::kind::next_new});
  auto beyond = from("beyond",
                     {.from = start_position::kind::sequence, .sequence = 99});
  publish(1);
  REQUIRE(first.in->wait_for(6));
  CHECK(first.in->sequences() == numbers(1, 6));
  REQUIRE(sequence.in->wait_for(4));
  CHECK(sequence.in->sequences() == numbers(3, 4));
  REQUIRE(time.in->wait_for(3));
  CHECK(time.in->sequences() == numbers(4, 3));
  REQUIRE(fresh.in->wait_for(1));
  CHECK(fresh.in->sequences() == numbers(6, 1));
  REQUIRE(beyond.in->wait_for(1));
  CHECK(beyond.in->sequences() == numbers(6, 1));
}

TEST_CASE_METHOD(consumers_fixture, "a durable goes on where it was", "[bus]") {
  publish(5);
  auto options = durable("d");
  options.ack_wait = 1'000ms;
  {
    auto one = bus.join(options, 3);
    CHECK(one.ack(one.in->at(0)));
    CHECK(one.ack(one.in->at(2)));
  }
  reopen();
  options.start = {.from = start_position::kind::next_new};
  auto again = bus.join(options, 10);
  REQUIRE(again.in->wait_for(3));
  auto got = again.in->sequences();
  std::ranges::sort(got);
  CHECK(got == std::vector<std::uint64_t>{2, 4, 5});
  for (auto i = std::size_t{0}; i < 3; ++i) {
    auto d = again.in->at(i);
    CHECK(d.delivered == (d.sequence == 2 ? 2u : 1u));
  }
}

TEST_CASE_METHOD(consumers_fixture, "unsettled deliveries are bounded",
                 "[bus]") {
  publish(10);
  auto options = durable("d");
  options.max_ack_pending = 4;
  auto one = bus.join(options, 20);
  REQUIRE(one.in->wait_for(4));
  CHECK_FALSE(one.in->wait_for(5, 200ms));
  CHECK(one.ack(one.in->at(1)));
  CHECK(one.in->at(4).sequence == 5);
  CHECK_FALSE(one.in->wait_for(6, 200ms));
  CHECK(state("d").ack_pending == 4);
}

TEST_CASE_METHOD(consumers_fixture, "a reader without a name settles nothing",
                 "[bus]") {
  publish(5);
  auto options = durable("");
  options.filter_subject = "jobs.>";
  options.start = {.from = start_position::kind::sequence, .sequence = 2};
  options.ack_wait = 100ms;
  options.max_ack_pending = 2;
  auto one = bus.join(options, 100);
  auto two = bus.join(options, 100);
  publish(1);
  REQUIRE(one.in->wait_for(5));
  REQUIRE(two.in->wait_for(5));
  CHECK_FALSE(one.in->wait_for(6, 300ms));
  CHECK(one.in->sequences() == numbers(2, 5));
  CHECK(two.in->sequences() == numbers(2, 5));
  CHECK(bus.describe("JOBS").durables.empty());
}
