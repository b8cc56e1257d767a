#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

struct outage_fixture : jetstream_fixture {
  outage_fixture() : on(connect(watched())), bus(on.messages) {
    REQUIRE(bus.ensure(jobs));
  }

  jetstream::options watched() {
    return {.urls = {server->url()},
            .on_state = [this](bool is_up, const std::string&) {
              up = is_up;
              ++changes;
            }};
  }

  std::atomic<bool> up = true;
  std::atomic<int> changes = 0;
  jetstream::connection on;
  bus_probe bus;
};

consumer_options durable(std::string name) {
  return {.stream = "JOBS", .durable = std::move(name), .ack_wait = 60s};
}

} // namespace

TEST_CASE_METHOD(outage_fixture, "a subscription goes on after a restart",
                 "[jetstream]") {
  auto worker = bus.join(durable("d"), 10);
  auto reader = bus.join({.stream = "JOBS"}, 10);
  auto watch = bus.watch("BUDGET");
  REQUIRE(bus.publish(message("jobs.a")));
  REQUIRE(worker.ack(worker.in->at(0)));
  REQUIRE(reader.in->wait_for(1));
  // The server may have forgotten acks when it was killed: then it delivers
  // again what was settled.
  auto has = [](const auto& in, std::uint64_t sequence) {
    return eventually(
      [&] { return std::ranges::count(in.in->sequences(), sequence) > 0; });
  };
  for (auto round = std::uint64_t{2}; round <= 3; ++round) {
    server->kill_hard();
    REQUIRE(eventually([&] { return !up; }));
    server->start();
    REQUIRE(eventually([&] { return up.load(); }));
    REQUIRE(bus.publish(message("jobs.a")));
    CHECK(has(worker, round));
    CHECK(has(reader, round));
  }
  REQUIRE(bus.put("BUDGET", "a", "x", 0));
  CHECK(watch.in->at(0).key == "a");
  CHECK(changes >= 4);
}

TEST_CASE_METHOD(outage_fixture, "while no server answers nothing hangs",
                 "[jetstream]") {
  auto worker = bus.join(durable("d"), 10);
  REQUIRE(bus.publish(message("jobs.a")));
  auto first = worker.in->at(0);
  server->kill_hard();
  REQUIRE(eventually([&] { return !up; }));
  auto begin = std::chrono::steady_clock::now();
  CHECK(failure_code(bus.publish(message("jobs.a"))) == ec::unavailable);
  CHECK(failure_code(bus.ensure(jobs)) == ec::unavailable);
  CHECK(failure_code(bus.get("BUDGET", "a")) == ec::unavailable);
  CHECK(failure_code(bus.put("BUDGET", "a", "x", 0)) == ec::unavailable);
  CHECK(failure_code(bus.last("JOBS", "jobs.a")) == ec::unavailable);
  CHECK(failure_code(worker.settle(first, {})) == ec::unavailable);
  CHECK(failure_code(ask(*on.questions, "ask.a", "?", 1s)) == ec::unavailable);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  // What could not be settled still can.
  server->start();
  REQUIRE(eventually([&] { return up.load(); }));
  CHECK(worker.ack(first));
}

TEST_CASE_METHOD(outage_fixture, "a connection ends while no server answers",
                 "[jetstream]") {
  auto worker = bus.join(durable("d"), 10);
  server->kill_hard();
  REQUIRE(eventually([&] { return !up; }));
  auto begin = std::chrono::steady_clock::now();
  worker = {};
  bus = bus_probe{nullptr};
  on = {};
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE_METHOD(outage_fixture, "calls in flight are answered when it ends",
                 "[jetstream]") {
  server->freeze();
  auto answer = std::make_shared<std::promise<ec>>();
  bus.raw().publish(message("jobs.a"), [answer](const auto& got) {
    answer->set_value(failure_code(got));
  });
  server->kill_hard();
  auto got = answer->get_future();
  REQUIRE(got.wait_for(patience) == std::future_status::ready);
  CHECK(got.get() == ec::unavailable);
}

TEST_CASE_METHOD(outage_fixture, "what was published is kept by a restart",
                 "[jetstream]") {
  REQUIRE(bus.publish_many("jobs.a", 500) == 500);
  server->kill_hard();
  server->start();
  REQUIRE(eventually([&] { return bus.publish(message("jobs.b")).engaged(); }));
  CHECK(bus.describe("JOBS").messages >= 501);
}

TEST_CASE_METHOD(outage_fixture, "a deleted durable is joined again",
                 "[jetstream]") {
  auto worker = bus.join(durable("d"), 10);
  REQUIRE(bus.publish(message("jobs.a")));
  REQUIRE(worker.ack(worker.in->at(0)));
  // As an operator would.
  static_cast<void>(
    ask(*on.questions, "$JS.API.CONSUMER.DELETE.JOBS.d", "", 5s));
  CHECK(worker.in->at(1).sequence == 1);
  REQUIRE(bus.publish(message("jobs.a")));
  CHECK(worker.in->at(2).sequence == 2);
  CHECK(log.count(log_level::warning) >= 1);
}

TEST_CASE("a login refused for a while ends nothing", "[jetstream]") {
  auto login = [](const std::string& password) {
    return ::test::nats_server::options{
      .configuration = "authorization { user: ada, password: " + password
                       + " }"};
  };
  auto f = jetstream_fixture{login("right")};
  auto on = f.connect(
    {.urls = {f.server->url()}, .user = "ada", .password = "right"});
  auto bus = bus_probe{on.messages};
  REQUIRE(bus.ensure(jobs));
  auto worker = bus.join(durable("d"), 10);
  f.server->kill_hard();
  f.server->configure(login("wrong"));
  f.server->start();
  // Tried and refused a few times.
  CHECK(eventually([&] {
    auto text = f.server->output();
    auto refused = 0;
    for (auto at = text.find("authentication error"); at != std::string::npos;
         at = text.find("authentication error", at + 1))
      ++refused;
    return refused >= 2;
  }));
  CHECK(eventually([&] { return f.log.has("NATS takes no new connection"); }));
  f.server->kill_hard();
  f.server->configure(login("right"));
  f.server->start();
  REQUIRE(eventually([&] { return bus.publish(message("jobs.a")).engaged(); }));
  CHECK(worker.in->at(0).sequence == 1);
}
