// What an operator deletes under a running node, and what a restored backup
// takes back.

#include "tests/adapters/jetstream/jetstream_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

struct gone_fixture : jetstream_fixture {
  gone_fixture() : on(connect()), bus(on.messages) {
    REQUIRE(bus.ensure(jobs));
  }

  void drop(const std::string& stream) {
    static_cast<void>(
      ask(*on.questions, "$JS.API.STREAM.DELETE." + stream, "", 5s));
  }

  /// Publishes until a stream takes it.
  std::uint64_t publish_again() {
    auto sequence = std::uint64_t{0};
    REQUIRE(eventually([&] {
      auto got = bus.publish(message("jobs.a"));
      sequence = got ? got->sequence : 0;
      return sequence > 0;
    }));
    return sequence;
  }

  jetstream::connection on;
  bus_probe bus;
};

} // namespace

TEST_CASE_METHOD(gone_fixture, "a stream that is deleted is made again",
                 "[jetstream]") {
  auto worker = bus.join({.stream = "JOBS", .durable = "d"}, 10);
  REQUIRE(bus.publish(message("jobs.a")));
  REQUIRE(worker.ack(worker.in->at(0)));
  drop("JOBS");
  CHECK(publish_again() == 1);
  CHECK(worker.in->at(1).sequence == 1);
  // Configured as it was.
  CHECK_FALSE(*bus.ensure(jobs));
  CHECK(log.has("a stream was gone and is made again"));
  CHECK(on.lacks().empty());
}

TEST_CASE_METHOD(gone_fixture, "a bucket that is deleted is made again",
                 "[jetstream]") {
  auto watch = bus.watch("BUDGET");
  REQUIRE(bus.put("BUDGET", "a", "x", 0));
  REQUIRE(bus.put("BUDGET", "b", "x", 0));
  REQUIRE(watch.in->wait_for(2));
  drop("KV_BUDGET");
  CHECK_FALSE(*bus.get("BUDGET", "a"));
  REQUIRE(bus.put("BUDGET", "a", "y", 0));
  // Revisions begin again below what the watch had.
  CHECK(eventually([&] {
    return std::ranges::any_of(watch.in->all(),
                               [](const auto& x) { return x.value == "y"; });
  }));
}

TEST_CASE_METHOD(gone_fixture, "a stream that went back is said and read on",
                 "[jetstream]") {
  auto store = std::filesystem::path{server->file("store")};
  auto backup = std::filesystem::path{server->file("backup")};
  REQUIRE(bus.publish_many("jobs.a", 1) == 1);
  server->kill_hard();
  std::filesystem::copy(store, backup,
                        std::filesystem::copy_options::recursive);
  server->start();
  publish_again();
  auto reader = bus.join({.stream = "JOBS"}, 100);
  REQUIRE(bus.publish_many("jobs.a", 4) == 4);
  REQUIRE(reader.in->wait_for(6));
  // It is looked at every few seconds.
  auto looks = std::make_shared<std::atomic<int>>(0);
  auto other = connect();
  auto tap = serve(*other.questions, "$JS.API.STREAM.INFO.JOBS", "",
                   [looks](auto&&, auto&&) { ++*looks; });
  REQUIRE(eventually([&] { return *looks >= 2; }));
  server->kill_hard();
  std::filesystem::remove_all(store);
  std::filesystem::rename(backup, store);
  server->start();
  CHECK(eventually([&] { return log.has("a stream went back"); }));
  CHECK_FALSE(log.has("a stream was gone"));
  publish_again();
  CHECK(eventually([&] { return reader.in->all().back().sequence == 2; }));
}
