#include "tests/contracts/bus_consumers.hpp"

#include <algorithm>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

struct exhausted_fixture : consumers_fixture {
  /// Publishes one message, and lets durable `name` give it up.
  /// @returns its sequence.
  std::uint64_t exhaust(const std::string& name, std::uint32_t deliveries) {
    auto ack = bus.publish(message("jobs.a"));
    REQUIRE(ack);
    auto options = durable(name);
    options.ack_wait = 200ms;
    options.max_deliver = deliveries;
    if (!given_up.on)
      given_up = bus.join(options, 100);
    return ack->sequence;
  }

  void reopen_all() {
    given_up = {};
    reopen();
  }

  /// Has credit left, so that the bus looks at what is due.
  reader given_up;
};

} // namespace

TEST_CASE_METHOD(exhausted_fixture, "the bus tells what it gave up on",
                 "[bus]") {
  auto notices = bus.join_exhausted("n", 10);
  auto sequence = exhaust("d", 2);
  auto first = notices.in->at(0);
  CHECK(first.stream == "JOBS");
  CHECK(first.durable == "d");
  CHECK(first.sequence == sequence);
  CHECK(first.delivered == 2);
  CHECK(notices.ack(first));
  CHECK(failure_code(notices.settle(first, {})) == ec::not_found);
  auto second = exhaust("d", 2);
  CHECK(notices.in->at(1).sequence == second);
}

TEST_CASE_METHOD(exhausted_fixture, "what was settled is no notice", "[bus]") {
  auto notices = bus.join_exhausted("n", 10);
  publish(2);
  auto options = durable("d");
  options.ack_wait = 500ms;
  options.max_deliver = 1;
  auto one = bus.join(options, 100);
  CHECK(one.ack(one.in->at(0)));
  REQUIRE(one.settle(one.in->at(1), {settlement::kind::term, {}}));
  publish(1);
  // Nothing was told before the third.
  CHECK(notices.in->at(0).sequence == 3);
  CHECK(notices.in->at(0).delivered == 1);
}

TEST_CASE_METHOD(exhausted_fixture, "notices need credit", "[bus]") {
  auto notices = bus.join_exhausted("n");
  auto witness = bus.join_exhausted("w", 10);
  exhaust("d", 1);
  exhaust("d", 1);
  REQUIRE(witness.in->wait_for(2));
  CHECK_FALSE(notices.in->wait_for(1, 200ms));
  notices.on->request(1);
  REQUIRE(notices.in->wait_for(1));
  CHECK_FALSE(notices.in->wait_for(2, 200ms));
}

TEST_CASE_METHOD(exhausted_fixture, "a notice given back comes again",
                 "[bus]") {
  auto notices = bus.join_exhausted("n", 10);
  auto sequence = exhaust("d", 1);
  REQUIRE(notices.nak(notices.in->at(0), 0ms));
  auto again = notices.in->at(1);
  CHECK(again.sequence == sequence);
  REQUIRE(notices.settle(again, {settlement::kind::term, {}}));
  auto second = exhaust("d", 1);
  CHECK(notices.in->at(2).sequence == second);
}

TEST_CASE_METHOD(exhausted_fixture, "members share notices, durables do not",
                 "[bus]") {
  auto one = bus.join_exhausted("n", 10);
  auto two = bus.join_exhausted("n", 10);
  auto other = bus.join_exhausted("m", 10);
  std::vector<std::uint64_t> all;
  for (auto i = 0; i < 4; ++i)
    all.push_back(exhaust("d", 1));
  REQUIRE(other.in->wait_for(4));
  REQUIRE(eventually([&] { return one.in->size() + two.in->size() >= 4; }));
  auto shared = one.in->sequences();
  auto rest = two.in->sequences();
  shared.insert(shared.end(), rest.begin(), rest.end());
  std::ranges::sort(shared);
  CHECK(shared == all);
}

TEST_CASE_METHOD(exhausted_fixture, "notices outlive the connection", "[bus]") {
  auto witness = bus.join_exhausted("w", 10);
  {
    // From its first subscription on.
    auto notices = bus.join_exhausted("n");
    auto settled = bus.join_exhausted("s", 10);
    exhaust("d", 1);
    CHECK(settled.ack(settled.in->at(0)));
    REQUIRE(witness.in->wait_for(1));
  }
  witness = {};
  reopen_all();
  auto notices = bus.join_exhausted("n", 10);
  auto settled = bus.join_exhausted("s", 10);
  auto late = bus.join_exhausted("late", 10);
  CHECK(notices.in->at(0).sequence == 1);
  CHECK(notices.in->at(0).durable == "d");
  auto second = exhaust("d", 1);
  CHECK(notices.in->at(1).sequence == second);
  CHECK(settled.in->at(0).sequence == second);
  CHECK(late.in->at(0).sequence == second);
}

TEST_CASE_METHOD(exhausted_fixture, "notices show in no stream of one's own",
                 "[bus]") {
  auto notices = bus.join_exhausted("n", 10);
  exhaust("d", 1);
  REQUIRE(notices.in->wait_for(1));
  CHECK(bus.describe("JOBS").messages == 1);
  CHECK(bus.describe("JOBS").durables.size() == 1);
}
