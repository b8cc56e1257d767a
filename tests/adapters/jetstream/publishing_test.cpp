#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <atomic>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

struct small_server_fixture : jetstream_fixture {
  small_server_fixture()
    : jetstream_fixture({.configuration = "max_payload: 1MB"}),
      on(connect()),
      bus(on.messages) {
    REQUIRE(bus.ensure(jobs));
  }

  jetstream::connection on;
  bus_probe bus;
};

/// What `count` publishes at once were answered.
struct answers {
  std::atomic<int> acked = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> other = 0;

  [[nodiscard]] int all() const {
    return acked + refused + other;
  }
};

std::shared_ptr<answers> publish_at_once(bus& on, int count) {
  auto result = std::make_shared<answers>();
  for (auto i = 0; i < count; ++i)
    on.publish(message("jobs.a", std::to_string(i)), [result](const auto& x) {
      if (x)
        ++result->acked;
      else if (code_of(x.error()) == ec::unavailable)
        ++result->refused;
      else
        ++result->other;
    });
  return result;
}

} // namespace

TEST_CASE_METHOD(small_server_fixture, "a payload above the server's limit",
                 "[jetstream]") {
  auto got = bus.publish(
    message("jobs.a", std::string((std::size_t{1} << 20) + 1, 'x')));
  REQUIRE(failure_code(got) == ec::invalid_argument);
  CHECK(has(detail_of(got.error()), "1048577"));
  CHECK(has(detail_of(got.error()), "1048576"));
  CHECK(bus.publish(message("jobs.a", "x")));
}

TEST_CASE_METHOD(small_server_fixture,
                 "headers count for the server's limit, too", "[jetstream]") {
  auto sent = message("jobs.a", std::string((std::size_t{1} << 20) - 100, 'x'));
  sent.headers["Ss-Reason"] = std::string(200, 'r');
  // Sent after all, it would end the connection.
  CHECK(failure_code(bus.publish(sent)) == ec::invalid_argument);
  sent.headers["Ss-Reason"] = "r";
  CHECK(bus.publish(sent));
  CHECK(log.count(log_level::warning) == 0);
}

TEST_CASE_METHOD(small_server_fixture, "a full stream says what helps",
                 "[jetstream]") {
  REQUIRE(bus.ensure({.name = "SMALL",
                      .subjects = "small.>",
                      .refuse_when_full = true,
                      .max_bytes = 1'000}));
  auto got = bus.publish(message("small.a", std::string(2'000, 'x')));
  REQUIRE(failure_code(got) == ec::full);
  CHECK(has(detail_of(got.error()), "stream SMALL is full"));
  CHECK(has(detail_of(got.error()), "streams apply"));
  // Once, however often, until it takes messages again.
  REQUIRE(failure_code(bus.publish(message("small.a", std::string(2'000, 'x'))))
          == ec::full);
  CHECK(log.count(log_level::error) == 1);
  CHECK(bus.publish(message("small.a", "x")));
  CHECK(log.has("a stream takes messages again"));
}

TEST_CASE_METHOD(small_server_fixture,
                 "many large messages are read without losing the link",
                 "[jetstream]") {
  constexpr auto count = 200;
  for (auto i = 0; i < count; ++i)
    REQUIRE(bus.publish(message("jobs.a", std::string(1'000'000, 'x'))));
  CHECK(bus.read({.stream = "JOBS", .limit = count}).size() == count);
  CHECK(log.count(log_level::warning) == 0);
}

TEST_CASE_METHOD(small_server_fixture, "odd bytes in headers are kept",
                 "[jetstream]") {
  auto all = std::string{};
  for (auto i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  auto sent = envelope{"jobs.a",
                       {{"Ss-Reason", all},
                        {"Ss-Cause", ""},
                        {"a", " x "},
                        {"b", "%!0A"},
                        {"c", "line\r\nInjected: yes"},
                        {"d", "Zürich: 100%"}},
                       "p"};
  REQUIRE(bus.publish(sent));
  auto reader = bus.join({.stream = "JOBS"}, 1);
  CHECK(reader.in->at(0).message.headers == sent.headers);
  CHECK(bus.read({.stream = "JOBS"}).at(0).message.headers == sent.headers);
  auto last = bus.last("JOBS", "jobs.a");
  REQUIRE(last);
  REQUIRE(last->has_value());
  CHECK((*last)->message.headers == sent.headers);
  for (const auto* name : {"", "a b", "a:b", "a\n", "ä"}) {
    CAPTURE(name);
    sent.headers = {{name, "x"}};
    CHECK(failure_code(bus.publish(sent)) == ec::invalid_argument);
  }
}

TEST_CASE_METHOD(jetstream_fixture, "publishes in flight are bounded",
                 "[jetstream]") {
  auto on = connect({.urls = {server->url()}, .publish_in_flight_max = 10});
  auto bus = bus_probe{on.messages};
  REQUIRE(bus.ensure(jobs));
  SECTION("what fits is kept in order") {
    auto got = publish_at_once(*on.messages, 20);
    REQUIRE(eventually([&] { return got->all() == 20; }));
    CHECK(got->acked == 20);
    auto found = bus.read({.stream = "JOBS"});
    REQUIRE(found.size() == 20);
    for (std::size_t i = 0; i < 20; ++i)
      CHECK(found[i].message.payload == std::to_string(i));
  }
  SECTION("the rest is refused at once") {
    server->freeze();
    auto got = publish_at_once(*on.messages, 1'000);
    // 10 are on their way and 20 wait.
    CHECK(eventually([&] { return got->refused >= 970; }));
    server->thaw();
    REQUIRE(eventually([&] { return got->all() == 1'000; }));
    CHECK(got->acked == 30);
    CHECK(got->other == 0);
    CHECK(bus.describe("JOBS").messages == 30);
  }
}

TEST_CASE_METHOD(small_server_fixture, "a stream may have foreign subjects",
                 "[jetstream]") {
  auto why = bus.ensure({.name = "EVENTS", .subjects = "jobs.b.>"});
  REQUIRE(failure_code(why) == ec::conflict);
  CHECK(has(detail_of(why.error()), "EVENTS"));
  CHECK(has(detail_of(why.error()), "overlap"));
  why = bus.ensure({.name = "JOBS", .subjects = "other.>"});
  REQUIRE(failure_code(why) == ec::conflict);
  CHECK(has(detail_of(why.error()), "jobs.>"));
  CHECK(has(detail_of(why.error()), "other.>"));
}

TEST_CASE_METHOD(small_server_fixture, "what can be no name is refused",
                 "[jetstream]") {
  for (const auto* name : {"", "a.b", "a b", "*", ">", "a/b"}) {
    CAPTURE(name);
    CHECK(failure_code(bus.ensure({.name = name, .subjects = "x.>"}))
          == ec::invalid_argument);
    CHECK(failure_code(bus.last(name, "x")) == ec::not_found);
  }
  auto ignore = [](const delivery&) {};
  CHECK(
    failure_code(bus.subscribe({.stream = "JOBS", .durable = "a.b"}, ignore))
    == ec::invalid_argument);
}
