#include "tests/contracts/bus_streams.hpp"

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
