#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <future>
#include <mutex>
#include <vector>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

/// Counts commits, and can hold the engine inside one so that calls gather.
struct engine_fixture : embedded_fixture {
  engine_fixture() {
    options.on_commit = [this](std::size_t calls) {
      {
        auto lock = std::lock_guard{mutex};
        commits.push_back(calls);
      }
      auto hold = std::lock_guard{gate};
    };
    open();
    REQUIRE(bus.ensure(jobs_stream));
  }

  /// Runs `make_calls` so that all of them are in one transaction.
  template <class MakeCalls>
  void in_one_turn(MakeCalls&& make_calls) {
    auto hold = std::unique_lock{gate};
    auto before = commit_count();
    bus.raw().publish(message("jobs.held"), nullptr);
    REQUIRE(eventually([&] { return commit_count() > before; }));
    make_calls();
  }

  std::size_t commit_count() {
    auto lock = std::lock_guard{mutex};
    return commits.size();
  }

  std::mutex gate;
  std::mutex mutex;
  std::vector<std::size_t> commits;
};

/// A call whose answer is looked at later.
template <class T>
struct pending {
  std::shared_ptr<std::promise<caf::expected<T>>> answer
    = std::make_shared<std::promise<caf::expected<T>>>();

  completion<T> done() {
    return [to = answer](caf::expected<T> x) { to->set_value(std::move(x)); };
  }

  caf::expected<T> get() {
    auto result = answer->get_future();
    if (result.wait_for(patience) != std::future_status::ready)
      throw std::runtime_error("no answer");
    return result.get();
  }
};

} // namespace

TEST_CASE_METHOD(engine_fixture, "ten thousand publishes share few commits",
                 "[embedded_bus]") {
  auto before = commit_count();
  REQUIRE(bus.publish_many("jobs.a", 10'000) == 10'000);
  auto state = bus.describe("JOBS");
  CHECK(state.messages == 10'000);
  CHECK(commit_count() - before < 1'000);
}

TEST_CASE_METHOD(engine_fixture, "calls that wait are committed together",
                 "[embedded_bus]") {
  std::vector<pending<publish_ack>> acks(500);
  in_one_turn([&] {
    for (auto& ack : acks)
      bus.raw().publish(message("jobs.a"), ack.done());
  });
  for (auto& ack : acks)
    CHECK(ack.get());
  auto lock = std::lock_guard{mutex};
  CHECK(commits.back() == 500);
}

TEST_CASE_METHOD(engine_fixture, "one call's fault is that call's alone",
                 "[embedded_bus]") {
  REQUIRE(bus.put("BUDGET", "a", "old", 0));
  pending<publish_ack> first, nowhere, last, duplicate;
  pending<std::uint64_t> conflict, created, again;
  in_one_turn([&] {
    bus.raw().publish(message("jobs.a", "first", "id"), first.done());
    bus.raw().put("BUDGET", "a", "new", 0, conflict.done());
    bus.raw().publish(message("nowhere.a"), nowhere.done());
    bus.raw().put("BUDGET", "b", "new", 0, created.done());
    bus.raw().put("BUDGET", "b", "newer", 0, again.done());
    bus.raw().publish(message("jobs.a", "twice", "id"), duplicate.done());
    bus.raw().publish(message("jobs.a", "last"), last.done());
  });
  auto first_ack = first.get();
  auto last_ack = last.get();
  auto duplicate_ack = duplicate.get();
  REQUIRE(first_ack);
  REQUIRE(last_ack);
  REQUIRE(duplicate_ack);
  CHECK(last_ack->sequence == first_ack->sequence + 1);
  CHECK(duplicate_ack->duplicate);
  CHECK(failure_code(conflict.get()) == ec::conflict);
  CHECK(failure_code(nowhere.get()) == ec::not_found);
  CHECK(created.get());
  CHECK(failure_code(again.get()) == ec::conflict);
  auto lock = std::lock_guard{mutex};
  CHECK(commits.back() == 7);
}

TEST_CASE_METHOD(engine_fixture, "a delivery settled twice at once fails once",
                 "[embedded_bus]") {
  REQUIRE(bus.publish(message("jobs.a")));
  auto one = bus.join({.stream = "JOBS", .durable = "d"}, 1);
  auto token = one.in->at(0).token;
  pending<bool> first, second;
  in_one_turn([&] {
    one.on->settle(token, {}, first.done());
    one.on->settle(token, {}, second.done());
  });
  CHECK(first.get());
  CHECK(failure_code(second.get()) == ec::not_found);
}

TEST_CASE_METHOD(engine_fixture, "looking costs no commit", "[embedded_bus]") {
  REQUIRE(bus.publish_many("jobs.a", 10) == 10);
  auto reader = bus.join({.stream = "JOBS"});
  auto before = commit_count();
  CHECK(bus.read({.stream = "JOBS"}).size() == 10);
  CHECK(bus.last("JOBS", "jobs.a"));
  CHECK(bus.get("BUDGET", "a"));
  CHECK(bus.keys("BUDGET"));
  reader.on->request(10);
  CHECK(reader.in->wait_for(10));
  CHECK(bus.describe("JOBS").messages == 10);
  CHECK(commit_count() == before);
}

TEST_CASE_METHOD(engine_fixture, "a sparse filter is read over many turns",
                 "[embedded_bus]") {
  REQUIRE(bus.publish_many("jobs.a", 12'000) == 12'000);
  REQUIRE(bus.publish(message("jobs.b", "found")));
  auto found = bus.read({.stream = "JOBS", .filter_subject = "jobs.b"});
  REQUIRE(found.size() == 1);
  CHECK(found[0].sequence == 12'001);
  auto one = bus.join(
    {.stream = "JOBS", .durable = "d", .filter_subject = "jobs.b"}, 1);
  CHECK(one.in->at(0).sequence == 12'001);
}

TEST_CASE_METHOD(engine_fixture, "large batches of deliveries are complete",
                 "[embedded_bus]") {
  REQUIRE(bus.publish_many("jobs.a", 9'000) == 9'000);
  auto one = bus.join(
    {.stream = "JOBS", .durable = "d", .max_ack_pending = 100'000}, 100'000);
  REQUIRE(one.in->wait_for(9'000));
  auto sequences = one.in->sequences();
  for (std::size_t i = 0; i < sequences.size(); ++i)
    REQUIRE(sequences[i] == i + 1);
}
