// Servers that take a connection, say who they are, and hang.

#include "tests/adapters/jetstream/jetstream_fixture.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <atomic>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

/// Far more than it takes, for a machine that is busy.
constexpr auto soon = 10s;

struct handshake_fixture : jetstream_fixture {
  handshake_fixture() : wire(server->port()) {
  }

  jetstream::options through_wire() {
    return {.urls = {wire.url("nats")},
            .on_state = [this](bool is_up, const std::string& why) {
              if (why.find("does not finish the handshake")
                  != std::string::npos)
                told = true;
              up = is_up;
            }};
  }

  /// Ends the connection; those after it hang.
  void hang() {
    auto before = wire.held_at_greeting();
    wire.greet_only();
    wire.drop();
    REQUIRE(eventually([&] { return wire.held_at_greeting() > before; }));
    REQUIRE(eventually([&] { return !up; }));
  }

  ::test::tcp_proxy wire;
  std::atomic<bool> up = true;
  std::atomic<bool> told = false;
};

} // namespace

TEST_CASE_METHOD(handshake_fixture, "a server that hangs is not waited for",
                 "[jetstream]") {
  wire.greet_only();
  auto begin = std::chrono::steady_clock::now();
  auto why = refused(through_wire());
  CHECK(std::chrono::steady_clock::now() - begin < soon);
  CHECK(code_of(why) == ec::unavailable);
  INFO(detail_of(why));
  CHECK(detail_of(why).find(wire.url("nats")) != std::string::npos);
  CHECK(detail_of(why).find("does not finish the handshake")
        != std::string::npos);
  // The connection that was held is not what the next one waits for.
  wire.mend();
  auto on = connect(through_wire());
  CHECK(bus_probe{on.messages}.ensure(jobs));
}

TEST_CASE_METHOD(handshake_fixture, "of several servers one may hang",
                 "[jetstream]") {
  wire.greet_only();
  auto how = through_wire();
  how.urls.push_back(server->url());
  // The library takes them in any order.
  for (auto round = 0; wire.held_at_greeting() == 0 && round < 50; ++round)
    CHECK(bus_probe{connect(how).messages}.ensure(jobs));
}

TEST_CASE_METHOD(handshake_fixture,
                 "somebody who is told to stop waits for no server",
                 "[jetstream]") {
  wire.greet_only();
  auto how = through_wire();
  how.stopping = [this] { return wire.held_at_greeting() > 0; };
  auto why = refused(how);
  CHECK(code_of(why) == ec::unavailable);
  CHECK(detail_of(why) == "told to stop while connecting");
}

TEST_CASE_METHOD(handshake_fixture, "a hanging reconnect is tried again",
                 "[jetstream]") {
  auto on = connect(through_wire());
  auto bus = bus_probe{on.messages};
  REQUIRE(bus.ensure(jobs));
  auto worker = bus.join({.stream = "JOBS", .durable = "d"}, 10);
  hang();
  // Meanwhile nothing that is asked for hangs.
  auto begin = std::chrono::steady_clock::now();
  CHECK(failure_code(bus.publish(message("jobs.a"))) == ec::unavailable);
  CHECK(failure_code(bus.get("BUDGET", "a")) == ec::unavailable);
  CHECK(std::chrono::steady_clock::now() - begin < soon);
  REQUIRE(eventually([&] { return told.load(); }));
  wire.mend();
  REQUIRE(eventually([&] { return up.load(); }));
  REQUIRE(bus.publish(message("jobs.a")));
  CHECK(worker.in->at(0).sequence == 1);
}

TEST_CASE_METHOD(handshake_fixture,
                 "a connection ends while its reconnect hangs", "[jetstream]") {
  auto on = connect(through_wire());
  auto bus = bus_probe{on.messages};
  REQUIRE(bus.ensure(jobs));
  hang();
  auto begin = std::chrono::steady_clock::now();
  bus = bus_probe{nullptr};
  on = {};
  CHECK(std::chrono::steady_clock::now() - begin < soon);
}
