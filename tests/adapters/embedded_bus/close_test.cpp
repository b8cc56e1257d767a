#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <future>

using namespace stravasync;
using namespace stravasync::test;

TEST_CASE_METHOD(embedded_fixture, "closing finishes what was asked for",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  std::atomic<int> acked = 0;
  for (auto i = 0; i < 5'000; ++i)
    bus.raw().publish(message("jobs.a"),
                      [&](const auto& ack) { acked += ack ? 1 : 0; });
  close();
  CHECK(acked == 5'000);
  open();
  CHECK(bus.describe("JOBS").messages == 5'000);
}

TEST_CASE_METHOD(embedded_fixture, "a subscription may outlive its bus",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  REQUIRE(bus.publish(message("jobs.a")));
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 1);
  auto first = one.in->at(0);
  close();
  one.on->request(1);
  CHECK(failure_code(one.settle(first, {})) == ec::unavailable);
  one.on.reset();
  CHECK(one.in->size() == 1);
}

TEST_CASE_METHOD(embedded_fixture, "a completion may hold the last of the bus",
                 "[embedded_bus]") {
  auto opened = embedded_bus::open(options, log);
  REQUIRE(opened);
  auto ended = std::make_shared<std::promise<void>>();
  auto seen = ended->get_future();
  auto released = std::make_shared<std::promise<void>>();
  auto mine = *opened;
  auto last = std::make_shared<std::shared_ptr<stravasync::bus>>(mine);
  *opened = nullptr;
  mine->keys("A", [=](const auto&) {
    released->get_future().wait();
    last->reset();
    ended->set_value();
  });
  mine.reset();
  released->set_value();
  CHECK(seen.wait_for(patience) == std::future_status::ready);
  // Closed for good: the file is free again.
  CHECK(eventually([&] { return embedded_bus::open(options, log).engaged(); }));
}

TEST_CASE_METHOD(embedded_fixture, "an unwanted subscription just ends",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  REQUIRE(bus.publish(message("jobs.a")));
  auto calls = std::make_shared<std::atomic<int>>(0);
  bus.raw().subscribe(
    {.stream = "JOBS", .durable = "d"}, [=](const delivery&) { ++*calls; },
    nullptr);
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 1);
  CHECK(one.in->wait_for(1));
  CHECK(*calls == 0);
}
