#include "actors/exhausted.hpp"

#include "messages/error.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace stravasync;
using kind = settlement::kind;

namespace {

struct fixture : test::actor_fixture {
  caf::actor uut = keep(system().spawn(exhausted, context(),
                                       std::shared_ptr<stravasync::bus>{bus},
                                       std::string{"api__exhausted"}));

  fixture() {
    run();
    envelope message{"jobs.sync_athlete.7", {{"Nats-Msg-Id", "r/1"}}, "body"};
    bus->publish(std::move(message), [](auto&&) {});
    bus->take_log();
  }

  void exhaust(std::uint64_t sequence, const std::string& stream = "JOBS") {
    bus->exhaust({.stream = stream,
                  .durable = "consumer__job",
                  .sequence = sequence,
                  .delivered = 100});
    run();
  }

  [[nodiscard]] kind last() const {
    return bus->settlements.at(bus->settlements.size() - 1).what.decision;
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "what the bus gave up on becomes a dead letter of its durable",
                 "[exhausted]") {
  REQUIRE(bus->joined_exhausted == "api__exhausted");
  exhaust(1);
  auto letters = bus->stored(dead_letter_subject("consumer__job"));
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].payload == "body");
  CHECK(letters[0].header_or_empty(header::reason)
        == "delivered 100 times and never settled");
  CHECK(letters[0].header_or_empty(header::attempts) == "100");
  CHECK(letters[0].header_or_empty(header::origin)
        == "jobs.sync_athlete.7@JOBS:1");
  CHECK(letters[0].header_or_empty(header::message_id)
        == "consumer__job:JOBS:1");
  CHECK(last() == kind::ack);
}

TEST_CASE_METHOD(fixture, "a notice that comes twice makes one letter",
                 "[exhausted]") {
  exhaust(1);
  exhaust(1);
  CHECK(bus->stored("dlq.>").size() == 1);
  CHECK(last() == kind::ack);
}

TEST_CASE_METHOD(fixture, "of a message that is gone there is no letter",
                 "[exhausted]") {
  exhaust(99);
  CHECK(bus->stored("dlq.>").empty());
  CHECK(last() == kind::ack);
}

TEST_CASE_METHOD(fixture, "while the bus is away, the notice is handed back",
                 "[exhausted]") {
  const auto* operation = GENERATE("read", "publish");
  bus->fail(operation, make_failure(ec::unavailable, "the bus is down"));
  exhaust(1);
  CHECK(last() == kind::nak);
  exhaust(1);
  CHECK(last() == kind::ack);
  CHECK(bus->stored("dlq.>").size() == 1);
}

TEST_CASE_METHOD(test::actor_fixture,
                 "a bus that gives no notices is asked again", "[exhausted]") {
  bus->fail("subscribe_exhausted", make_failure(ec::unavailable, "not now"), 2);
  keep(system().spawn(exhausted, context(),
                      std::shared_ptr<stravasync::bus>{bus},
                      std::string{"api__exhausted"}));
  run();
  CHECK(bus->joined_exhausted.empty());
  using namespace std::chrono_literals;
  pass(5s);
  pass(5s);
  CHECK(bus->joined_exhausted == "api__exhausted");
}

TEST_CASE_METHOD(fixture, "a notice that is settled makes room for another",
                 "[exhausted]") {
  for (auto i = 0; i < 50; ++i)
    exhaust(1);
  CHECK(bus->exhausted_credit == 8);
}
