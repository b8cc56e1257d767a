#include "tests/contracts/bus_consumers.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(consumers_fixture, "members of a group share the messages",
                 "[bus]") {
  publish(100);
  auto one = bus.join(durable("d"), 30);
  auto two = bus.join(durable("d"), 30);
  REQUIRE(one.in->wait_for(30));
  REQUIRE(two.in->wait_for(30));
  one.on->request(40);
  two.on->request(40);
  REQUIRE(eventually([&] { return one.in->size() + two.in->size() == 100; }));
  std::set<std::uint64_t> all;
  for (const auto& member : {one, two}) {
    auto got = member.in->sequences();
    CHECK(std::ranges::is_sorted(got));
    all.insert(got.begin(), got.end());
  }
  CHECK(all.size() == 100);
  // Any member may settle.
  CHECK(two.ack(one.in->at(0)));
}

TEST_CASE_METHOD(consumers_fixture, "each durable has its own copy", "[bus]") {
  publish(5);
  auto one = bus.join(durable("d"), 10);
  auto two = bus.join(durable("e"), 10);
  REQUIRE(one.in->wait_for(5));
  REQUIRE(two.in->wait_for(5));
  for (auto i = std::size_t{0}; i < 5; ++i)
    CHECK(one.ack(one.in->at(i)));
  CHECK(state("d").ack_pending == 0);
  CHECK(state("e").ack_pending == 5);
}

TEST_CASE_METHOD(consumers_fixture, "a wrong subscription is refused",
                 "[bus]") {
  auto ignore = [](const delivery&) {};
  auto unknown = durable("d");
  unknown.stream = "NONE";
  CHECK(failure_code(bus.subscribe(unknown, ignore)) == ec::not_found);
  auto one = bus.join(durable("d"));
  auto other = durable("d");
  other.filter_subject = "jobs.a.>";
  CHECK(failure_code(bus.subscribe(other, ignore)) == ec::conflict);
}

TEST_CASE_METHOD(consumers_fixture, "an ended member's work goes to another",
                 "[bus]") {
  publish(2);
  auto options = durable("d");
  options.ack_wait = 500ms;
  auto one = bus.join(options, 2);
  REQUIRE(one.in->wait_for(2));
  one.on.reset();
  auto two = bus.join(options, 10);
  REQUIRE(two.in->wait_for(2));
  CHECK(two.in->sequences() == numbers(1, 2));
  CHECK(two.in->at(0).delivered == 2);
  CHECK(one.in->size() == 2);
}

TEST_CASE_METHOD(consumers_fixture, "no callback outlives its subscription",
                 "[bus]") {
  publish(500);
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto late = std::make_shared<std::atomic<int>>(0);
  for (auto round = 0; round < 20; ++round) {
    *ended = false;
    auto count = std::make_shared<std::atomic<int>>(0);
    auto on = bus.subscribe(durable(""), [=](const delivery&) {
      ++*count;
      std::this_thread::yield();
      if (*ended)
        ++*late;
    });
    REQUIRE(on);
    (*on)->request(500);
    REQUIRE(eventually([&] { return *count > round; }));
    on = caf::expected<std::shared_ptr<subscription>>{nullptr};
    *ended = true;
  }
  publish(1);
  CHECK(*late == 0);
}

TEST_CASE_METHOD(consumers_fixture, "a callback may end its subscription",
                 "[bus]") {
  publish(10);
  auto count = std::make_shared<std::atomic<int>>(0);
  auto mine = std::make_shared<std::shared_ptr<subscription>>();
  auto on = bus.subscribe(durable("d"), [=](const delivery&) {
    ++*count;
    mine->reset();
  });
  REQUIRE(on);
  *mine = std::move(*on);
  (*mine)->request(10);
  REQUIRE(eventually([&] { return *count > 0; }));
  // Another member's delivery comes after what the first might still be given.
  auto other = bus.join(durable("d"), 1);
  publish(1);
  REQUIRE(other.in->wait_for(1));
  CHECK(*count == 1);
}

TEST_CASE_METHOD(consumers_fixture, "a subscription is called by one at a time",
                 "[bus]") {
  auto inside = std::make_shared<std::atomic<int>>(0);
  auto most = std::make_shared<std::atomic<int>>(0);
  auto count = std::make_shared<std::atomic<int>>(0);
  auto on = bus.subscribe(durable("d"), [=](const delivery&) {
    *most = std::max(most->load(), ++*inside);
    std::this_thread::yield();
    --*inside;
    ++*count;
  });
  REQUIRE(on);
  (*on)->request(1'000);
  publish(1'000);
  REQUIRE(eventually([&] { return *count == 1'000; }));
  CHECK(*most == 1);
}
