#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// Files of this process cannot grow beyond a size, as if the disk were full.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) {
    before_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    auto lowered = limit_;
    lowered.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &lowered);
  }

  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

private:
  rlimit limit_{};
  void (*before_)(int) = nullptr;
};

class small_disk {
public:
  explicit small_disk(std::string at) : at_(std::move(at)) {
    fs::create_directory(at_);
    mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=8m") == 0;
    if (!mounted_)
      reason_ = std::strerror(errno);
  }

  ~small_disk() {
    if (mounted_)
      ::umount2(at_.c_str(), MNT_DETACH);
  }

  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  [[nodiscard]] const std::string& reason() const {
    return reason_;
  }

private:
  std::string at_;
  std::string reason_;
  bool mounted_ = false;
};

struct fault_fixture : embedded_fixture {
  fault_fixture() {
    options.tick = 20ms;
  }

  void open_with_stream() {
    open();
    REQUIRE(bus.ensure(jobs_stream));
  }

  /// Publishes until it fails. @returns how many were acked, and the failure.
  std::pair<std::size_t, ec> fill() {
    for (std::size_t n = 0; n < 10'000; ++n)
      if (auto ack = bus.publish(message("jobs.a", std::string(10'000, 'x')));
          !ack)
        return {n, code_of(ack.error())};
    return {10'000, ec::none};
  }

  bool publishes_again() {
    return eventually([&] { return bool{bus.publish(message("jobs.a"))}; });
  }

  /// Nothing half stored: counters, messages and durables agree, before and
  /// after the state in memory is read anew.
  void check_consistent(std::size_t messages) {
    for (auto round = 0; round < 2; ++round) {
      auto state = bus.describe("JOBS");
      CHECK(state.messages == messages);
      CHECK(state.last_sequence == messages);
      CHECK(bus.read({.stream = "JOBS", .limit = 1'000}).size()
            == std::min<std::size_t>(messages, 1'000));
      auto stored = std::size_t{0};
      for (const auto& m : bus.read({.stream = "JOBS", .limit = 1'000}))
        stored += m.message.payload.size();
      if (messages <= 1'000)
        CHECK(state.bytes == stored);
      open();
    }
  }

  void check_logged_once() {
    CHECK(log.count(log_level::error) == 1);
    CHECK(log.count(log_level::info) == 1);
  }

  /// Overwrites what the file holds and keeps its identity.
  void spoil(const std::string& file, const std::string& with) {
    std::ofstream{file, std::ios::trunc} << with;
  }
};

} // namespace

TEST_CASE_METHOD(fault_fixture, "a full disk refuses and recovers by itself",
                 "[embedded_bus]") {
  open_with_stream();
  auto kept = std::size_t{0};
  {
    file_size_limit limit{2'000'000};
    auto [acked, failure] = fill();
    CHECK(failure == ec::full);
    CHECK(acked > 50);
    kept = acked;
    for (auto i = 0; i < 50; ++i)
      CHECK(
        failure_code(bus.publish(message("jobs.a", std::string(100'000, 'x'))))
        == ec::full);
    CHECK(failure_code(bus.put("BUDGET", "a", std::string(100'000, 'x'), 0))
          == ec::full);
    CHECK(bus.describe("JOBS").messages == kept);
  }
  REQUIRE(bus.publish(message("jobs.a", "y")));
  check_logged_once();
  check_consistent(kept + 1);
}

TEST_CASE_METHOD(fault_fixture, "deliveries wait while the disk is full",
                 "[embedded_bus]") {
  open_with_stream();
  REQUIRE(bus.publish_many("jobs.a", 3) == 3);
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 1);
  auto first = one.in->at(0);
  {
    file_size_limit limit{1};
    CHECK(failure_code(one.settle(first, {})) == ec::full);
    one.on->request(1);
    CHECK(failure_code(bus.publish(message("jobs.a"))) == ec::full);
    CHECK_FALSE(one.in->wait_for(2, 100ms));
  }
  CHECK(one.in->at(1).sequence == 2);
  CHECK(one.in->at(1).delivered == 1);
  CHECK(eventually([&] { return one.ack(first); }));
  auto state = bus.describe("JOBS").durables.at(0);
  CHECK(state.pending == 1);
  CHECK(state.ack_pending == 1);
  CHECK_FALSE(one.in->wait_for(3, 100ms));
  check_logged_once();
}

TEST_CASE_METHOD(fault_fixture, "a full file system is no different",
                 "[embedded_bus]") {
  small_disk disk{folder.file("small")};
  if (!disk.reason().empty())
    SKIP("cannot mount a tmpfs: " << disk.reason());
  options.path = folder.file("small/bus.db");
  open_with_stream();
  auto filler = folder.file("small/filler");
  std::ofstream{filler} << std::string(4'000'000, 'x');
  auto [kept, failure] = fill();
  CHECK(failure == ec::full);
  CHECK(kept > 50);
  fs::remove(filler);
  REQUIRE(bus.publish(message("jobs.a", "y")));
  check_logged_once();
  check_consistent(kept + 1);
  close();
}

TEST_CASE_METHOD(fault_fixture, "a deleted database is made anew",
                 "[embedded_bus]") {
  open_with_stream();
  auto revision = bus.put("BUDGET", "a", "x", 0);
  REQUIRE(revision);
  REQUIRE(bus.publish_many("jobs.a", 5) == 5);
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 100);
  auto reader = bus.join({.stream = "JOBS"}, 100);
  REQUIRE(one.in->wait_for(5));
  REQUIRE(reader.in->wait_for(5));
  fs::remove(path());
  fs::remove(path() + "-wal");

  REQUIRE(publishes_again());
  // The numbers go on, so what others remember of them stays true.
  CHECK(one.in->at(5).sequence >= 6);
  CHECK(reader.in->at(5).sequence == one.in->at(5).sequence);
  CHECK(one.ack(one.in->at(5)));
  CHECK(failure_code(one.settle(one.in->at(0), {})) == ec::not_found);
  auto state = bus.describe("JOBS");
  CHECK(state.messages == 1);
  CHECK(state.durables.at(0).name == "d");
  auto next = bus.put("BUDGET", "a", "y", 0);
  REQUIRE(next);
  CHECK(*next > *revision);
  check_logged_once();

  one = {};
  reader = {};
  open();
  CHECK(bus.describe("JOBS").messages == 1);
}

TEST_CASE_METHOD(fault_fixture, "a publish into a deleted file is not acked",
                 "[embedded_bus]") {
  options.tick = 100s;
  open_with_stream();
  fs::remove(path());
  CHECK(failure_code(bus.publish(message("jobs.a"))) == ec::unavailable);
  REQUIRE(bus.publish(message("jobs.a")));
  CHECK(bus.describe("JOBS").messages == 1);
  // The same if only the log of changes goes.
  fs::remove(path() + "-wal");
  CHECK(failure_code(bus.publish(message("jobs.a"))) == ec::unavailable);
  CHECK(bus.publish(message("jobs.a")));
}

TEST_CASE_METHOD(fault_fixture, "a lost folder is waited for, and told once",
                 "[embedded_bus]") {
  fs::create_directory(folder.file("bus"));
  options.path = folder.file("bus/bus.db");
  open_with_stream();
  fs::remove_all(folder.file("bus"));
  for (auto i = 0; i < 1'000; ++i)
    REQUIRE(failure_code(bus.publish(message("jobs.a"))) == ec::unavailable);
  CHECK_FALSE(log.count(log_level::info));
  fs::create_directory(folder.file("bus"));
  CHECK(publishes_again());
  check_logged_once();
}

TEST_CASE_METHOD(fault_fixture, "a spoiled database is reported until removed",
                 "[embedded_bus]") {
  open_with_stream();
  // More than SQLite keeps in memory.
  REQUIRE(bus.publish_many("jobs.a", 100'000) == 100'000);
  spoil(path(), std::string(1'000'000, 'x'));
  spoil(path() + "-wal", "");
  auto read_all = [&] {
    return await<std::vector<stored_message>>([&](auto done) {
      bus.raw().read({.stream = "JOBS", .limit = 1'000}, done);
    });
  };
  CHECK(failure_code(read_all()) == ec::unavailable);
  for (auto i = 0; i < 200; ++i)
    CHECK(failure_code(bus.publish(message("jobs.a"))) == ec::unavailable);
  CHECK(log.count(log_level::error) == 1);
  fs::remove(path());
  CHECK(publishes_again());
  CHECK(bus.describe("JOBS").first_sequence > 100'000);
  check_logged_once();
}
