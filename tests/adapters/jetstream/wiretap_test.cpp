// An operator's `nats sub '>'`: while somebody listens to every subject, the
// server never says that nobody answers.

#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <chrono>
#include <future>
#include <vector>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

/// Far less than the client waits for an answer that does not come.
constexpr auto soon = 5s;

struct wiretap_fixture : jetstream_fixture {
  wiretap_fixture()
    : other(connect()),
      tap(serve(*other.questions, ">", "", [](auto&&, auto&&) {})),
      on(connect()),
      bus(on.messages),
      begin(std::chrono::steady_clock::now()) {
  }

  [[nodiscard]] bool in_time() const {
    return std::chrono::steady_clock::now() - begin < soon;
  }

  jetstream::connection other;
  std::shared_ptr<responder_place> tap;
  jetstream::connection on;
  bus_probe bus;
  std::chrono::steady_clock::time_point begin;
};

} // namespace

TEST_CASE_METHOD(wiretap_fixture, "a bucket is made under a wiretap",
                 "[jetstream]") {
  SECTION("by its first value") {
    CHECK(bus.put("BUDGET", "a", "x", 0));
  }
  SECTION("by its first reader") {
    auto got = bus.get("BUDGET", "a");
    REQUIRE(got);
    CHECK_FALSE(*got);
    CHECK(bus.put("BUDGET", "a", "x", 0));
  }
  SECTION("by a list") {
    CHECK(bus.keys("BUDGET"));
    CHECK(bus.put("BUDGET", "a", "x", 0));
  }
  SECTION("by a watch") {
    auto watch = bus.watch("BUDGET");
    CHECK(bus.put("BUDGET", "a", "x", 0));
    CHECK(watch.in->at(0).key == "a");
  }
  CHECK(in_time());
}

TEST_CASE_METHOD(wiretap_fixture,
                 "a bucket that is deleted under a wiretap is made again",
                 "[jetstream]") {
  REQUIRE(bus.put("BUDGET", "a", "x", 0));
  static_cast<void>(
    ask(*on.questions, "$JS.API.STREAM.DELETE.KV_BUDGET", "", 5s));
  CHECK_FALSE(*bus.get("BUDGET", "a"));
  CHECK(bus.put("BUDGET", "a", "y", 0));
  CHECK(in_time());
}

TEST_CASE("a node's buckets are there before anything reads them",
          "[jetstream]") {
  // Servers of 2.9 end when a bucket is read while another client makes it.
  auto f = jetstream_fixture{};
  auto how = jetstream::options{
    .urls = {f.server->url()}, .buckets = {{"BUDGET"}, {"LEADERS"}, {"NODES"}}};
  std::vector<std::future<bool>> nodes;
  for (auto i = 0; i < 4; ++i)
    nodes.push_back(std::async(std::launch::async, [&] {
      auto on = jetstream::open(how, f.log);
      return on && bus_probe{on->messages}.get("BUDGET", "a").engaged();
    }));
  for (auto& one : nodes)
    CHECK(one.get());
}

TEST_CASE("a bucket of an earlier version is given its age", "[jetstream]") {
  auto f = jetstream_fixture{};
  auto age = [&](const jetstream::connection& on) {
    auto got = ask(*on.questions, "$JS.API.STREAM.INFO.KV_ATTEMPTS", "", 5s);
    REQUIRE(got);
    auto at = got->find("\"max_age\":") + 10;
    return got->substr(at, got->find(',', at) - at);
  };
  auto old = f.connect();
  REQUIRE(bus_probe{old.messages}.put("ATTEMPTS", "a", "x", 0));
  CHECK(age(old) == "0");
  auto on
    = f.connect({.urls = {f.server->url()}, .buckets = {{"ATTEMPTS", 48h}}});
  CHECK(age(on) == "172800000000000");
  CHECK(*bus_probe{on.messages}.get("ATTEMPTS", "a"));
}
