#include "tests/contracts/bus_streams.hpp"

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(streams_fixture, "a published message is read as it was",
                 "[bus]") {
  make(jobs);
  auto bytes = std::string{};
  for (auto i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  auto sent = envelope{"jobs.sync.7",
                       {{std::string{header::message_id}, "id-1"},
                        {std::string{header::type}, "a.b.C"},
                        {std::string{header::traceparent}, "00-ab-cd-01"}},
                       bytes};
  auto ack = bus.publish(sent);
  REQUIRE(ack);
  CHECK(ack->stream == "JOBS");
  CHECK_FALSE(ack->duplicate);
  auto found = bus.read({.stream = "JOBS"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].sequence == ack->sequence);
  CHECK(found[0].message.subject == sent.subject);
  CHECK(found[0].message.headers == sent.headers);
  CHECK(found[0].message.payload == sent.payload);
  auto age = system_wall_clock()() - found[0].stored_at_ms;
  CHECK(std::abs(age) < 60'000);
}

TEST_CASE_METHOD(streams_fixture, "an empty payload without headers is kept",
                 "[bus]") {
  make(jobs);
  REQUIRE(bus.publish({"jobs.a", {}, ""}));
  auto found = bus.read({.stream = "JOBS"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].message.payload.empty());
  CHECK(found[0].message.headers.empty());
}

TEST_CASE_METHOD(streams_fixture, "one thread's messages keep their order",
                 "[bus]") {
  make(jobs);
  REQUIRE(bus.publish_many("jobs.a", 1'000) == 1'000);
  auto found = bus.read({.stream = "JOBS", .limit = 1'000});
  REQUIRE(found.size() == 1'000);
  for (std::size_t i = 0; i < found.size(); ++i) {
    REQUIRE(found[i].message.payload == std::to_string(i + 1));
    REQUIRE(found[i].sequence == found[0].sequence + i);
  }
}

TEST_CASE_METHOD(streams_fixture, "a message id is stored once in its window",
                 "[bus]") {
  make(jobs);
  auto first = bus.publish(message("jobs.a", "one", "id-1"));
  auto other = bus.publish(message("jobs.a", "two", "id-2"));
  auto again = bus.publish(message("jobs.b", "three", "id-1"));
  REQUIRE(first);
  REQUIRE(other);
  REQUIRE(again);
  CHECK(other->sequence == first->sequence + 1);
  CHECK(again->duplicate);
  CHECK(again->sequence == first->sequence);
  CHECK(payloads(bus.read({.stream = "JOBS"})) == texts{"one", "two"});
}

TEST_CASE_METHOD(streams_fixture, "message ids are a stream's own", "[bus]") {
  make(jobs);
  make({.name = "EVENTS", .subjects = "events.>"});
  REQUIRE(bus.publish(message("jobs.a", "x", "id-1")));
  auto other = bus.publish(message("events.a", "x", "id-1"));
  REQUIRE(other);
  CHECK_FALSE(other->duplicate);
  CHECK(other->stream == "EVENTS");
}

TEST_CASE_METHOD(streams_fixture, "a message id is free again after the window",
                 "[bus]") {
  auto config = jobs;
  config.dedupe_window = 500ms;
  make(config);
  auto first = bus.publish(message("jobs.a", "x", "id-1"));
  REQUIRE(first);
  auto stored_again = eventually([&] {
    auto again = bus.publish(message("jobs.a", "x", "id-1"));
    return again && !again->duplicate;
  });
  REQUIRE(stored_again);
  auto found = bus.read({.stream = "JOBS"});
  REQUIRE(found.size() == 2);
  CHECK(found[1].stored_at_ms - found[0].stored_at_ms >= 490);
}

TEST_CASE_METHOD(streams_fixture, "a subject that no stream takes is not found",
                 "[bus]") {
  make(jobs);
  CHECK(failure_code(bus.publish(message("other.a"))) == ec::not_found);
  CHECK(failure_code(bus.publish(message("jobs"))) == ec::not_found);
}

TEST_CASE_METHOD(streams_fixture, "what cannot be published is refused",
                 "[bus]") {
  make(jobs);
  for (const auto* subject : {"", "jobs.*", "jobs.>"}) {
    CAPTURE(subject);
    CHECK(failure_code(bus.publish(message(subject))) == ec::invalid_argument);
  }
  auto large = std::string(8 * 1024 * 1024 + 1, 'x');
  CHECK(failure_code(bus.publish(message("jobs.a", large)))
        == ec::invalid_argument);
  CHECK(bus.describe("JOBS").messages == 0);
}

TEST_CASE_METHOD(streams_fixture, "streams outlive the connection", "[bus]") {
  make(jobs);
  auto first = bus.publish(message("jobs.a", "one", "id-1"));
  REQUIRE(first);
  reopen();
  make(jobs);
  auto again = bus.publish(message("jobs.a", "one", "id-1"));
  REQUIRE(again);
  CHECK(again->duplicate);
  CHECK(again->sequence == first->sequence);
  auto next = bus.publish(message("jobs.a", "two", "id-2"));
  REQUIRE(next);
  CHECK(next->sequence == first->sequence + 1);
  CHECK(payloads(bus.read({.stream = "JOBS"})) == texts{"one", "two"});
}
