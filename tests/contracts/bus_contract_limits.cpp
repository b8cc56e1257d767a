#include "tests/contracts/bus_streams.hpp"

#include <algorithm>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(streams_fixture, "a stream that refuses when full says so",
                 "[bus]") {
  auto config = jobs;
  config.refuse_when_full = true;
  config.max_bytes = 64 * 1024;
  make(config);
  auto kept = std::size_t{0};
  auto refused = caf::error{};
  while (!refused && kept < 100) {
    auto sent = bus.publish(message("jobs.a", std::string(10'000, 'x')));
    if (sent)
      ++kept;
    else
      refused = sent.error();
  }
  CHECK(code_of(refused) == ec::full);
  CHECK(detail_of(refused).find("stream JOBS") != std::string::npos);
  CHECK(kept >= 5);
  CHECK(bus.describe("JOBS").messages == kept);

  config.max_bytes = 1024 * 1024;
  REQUIRE(bus.apply(config));
  CHECK(bus.publish(message("jobs.a", std::string(10'000, 'x'))));
}

TEST_CASE_METHOD(streams_fixture,
                 "a full stream takes messages again when what all its "
                 "durables have settled is removed, and loses nothing else",
                 "[bus]") {
  constexpr auto rounds = 8;
  constexpr auto kept = std::size_t{3}; // Unsettled while others go.
  auto config = jobs;
  config.refuse_when_full = true;
  config.max_bytes = 32 * 1024;
  make(config);
  auto one = bus.join({.stream = "JOBS", .durable = "one"}, 10'000);
  auto two = bus.join({.stream = "JOBS", .durable = "two"}, 10'000);
  auto published = std::size_t{0};
  auto settled = std::size_t{0}; // By one of the two; the other is ahead.
  auto settle_to = [&](std::size_t end) {
    for (; settled < end; ++settled)
      REQUIRE(one.ack(one.in->at(settled)));
  };
  for (auto round = 0; round < rounds; ++round) {
    auto before = published;
    while (bus.publish(message("jobs.a", std::string(500, 'x'))))
      ++published;
    REQUIRE(published > before + kept);
    for (auto i = before; i < published; ++i)
      REQUIRE(two.ack(two.in->at(i)));
    settle_to(published - kept);
    auto state = stream_state{};
    auto floor = [&] {
      state = bus.describe("JOBS");
      return std::min(state.durables.at(0).settled_to,
                      state.durables.at(1).settled_to);
    };
    REQUIRE(eventually([&] { return floor() == published - kept; }));
    for (auto i = state.first_sequence; i <= published - kept; ++i)
      REQUIRE(bus.remove("JOBS", i));
  }
  CHECK(one.nak(one.in->at(settled), 0ms));
  CHECK(one.in->at(published).sequence == settled + 1);
  CHECK(one.ack(one.in->at(published)));
  ++settled;
  settle_to(published);
  for (auto i = std::size_t{0}; i < published; ++i) {
    CHECK(one.in->at(i).sequence == i + 1);
    CHECK(two.in->at(i).sequence == i + 1);
  }
  CHECK(eventually([&] {
    auto now = bus.describe("JOBS").durables.at(0);
    return now.pending == 0 && now.ack_pending == 0;
  }));
}

TEST_CASE_METHOD(streams_fixture, "other streams drop the oldest when full",
                 "[bus]") {
  auto config = jobs;
  config.max_bytes = 64 * 1024;
  make(config);
  for (auto i = 1; i <= 20; ++i)
    REQUIRE(bus.publish(
      message("jobs.a", std::to_string(i) + std::string(10'000, 'x'))));
  auto state = bus.describe("JOBS");
  CHECK(state.bytes <= config.max_bytes);
  CHECK(state.messages >= 5);
  CHECK(state.messages <= 6);
  CHECK(state.last_sequence == 20);
  CHECK(state.first_sequence == 20 - state.messages + 1);
  auto found = bus.read({.stream = "JOBS"});
  REQUIRE(found.size() == state.messages);
  CHECK(found[0].sequence == state.first_sequence);
}

TEST_CASE_METHOD(streams_fixture, "messages that are too old go away",
                 "[bus]") {
  auto config = jobs;
  config.max_age = 1'000ms;
  config.dedupe_window = 500ms;
  make(config);
  auto first = bus.publish(message("jobs.a"));
  REQUIRE(first);
  CHECK(bus.describe("JOBS").messages == 1);
  CHECK(eventually([&] { return bus.describe("JOBS").messages == 0; }));
  CHECK(bus.read({.stream = "JOBS"}).empty());
  auto last = bus.last("JOBS", "jobs.a");
  REQUIRE(last);
  CHECK_FALSE(last->has_value());
  auto next = bus.publish(message("jobs.a"));
  REQUIRE(next);
  CHECK(next->sequence == first->sequence + 1);
}
