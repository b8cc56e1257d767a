#include "tests/contracts/bus_consumers.hpp"
#include "tests/contracts/bus_streams.hpp"

#include <algorithm>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

struct removing_fixture : streams_fixture {
  removing_fixture() {
    make(jobs);
  }

  /// @returns whether there was such a message.
  bool remove(std::uint64_t sequence) {
    auto got = bus.remove("JOBS", sequence);
    REQUIRE(got);
    return *got;
  }

  std::uint64_t publish(const std::string& subject) {
    auto ack = bus.publish(message(subject, subject));
    REQUIRE(ack);
    return ack->sequence;
  }

  /// Checks counts against what can be read.
  void
  check_holds(const std::vector<std::uint64_t>& sequences, std::uint64_t last) {
    std::vector<std::uint64_t> found;
    for (const auto& one : bus.read({.stream = "JOBS"}))
      found.push_back(one.sequence);
    CHECK(found == sequences);
    auto state = bus.describe("JOBS");
    CHECK(state.messages == sequences.size());
    CHECK(state.first_sequence
          == (sequences.empty() ? last + 1 : sequences.front()));
    CHECK(state.last_sequence == last);
    auto newest = bus.last("JOBS", "jobs.>");
    REQUIRE(newest);
    REQUIRE(newest->has_value() == !sequences.empty());
    if (!sequences.empty())
      CHECK((*newest)->sequence == sequences.back());
  }
};

using sequences = std::vector<std::uint64_t>;

} // namespace

TEST_CASE_METHOD(removing_fixture, "a removed message is gone", "[bus]") {
  for (auto i = 0; i < 5; ++i)
    publish("jobs.a");
  CHECK(remove(3));
  CHECK_FALSE(remove(3));
  CHECK_FALSE(remove(0));
  CHECK_FALSE(remove(99));
  check_holds({1, 2, 4, 5}, 5);
  CHECK(bus.read({.stream = "JOBS", .from_sequence = 3}).at(0).sequence == 4);
  CHECK(failure_code(bus.remove("NONE", 1)) == ec::not_found);
}

TEST_CASE_METHOD(removing_fixture, "the oldest and the newest can be removed",
                 "[bus]") {
  for (const auto* subject : {"jobs.a", "jobs.b", "jobs.c", "jobs.d"})
    publish(subject);
  CHECK(remove(2));
  CHECK(remove(1));
  check_holds({3, 4}, 4);
  CHECK(remove(4));
  check_holds({3}, 4);
  // Not given out again.
  CHECK(publish("jobs.e") == 5);
  check_holds({3, 5}, 5);
  CHECK(remove(5));
  CHECK(remove(3));
  check_holds({}, 5);
  reopen();
  check_holds({}, 5);
  CHECK(publish("jobs.a") == 6);
  check_holds({6}, 6);
}

TEST_CASE_METHOD(removing_fixture, "what was removed stays so", "[bus]") {
  for (auto i = 0; i < 6; ++i)
    publish("jobs.a");
  CHECK(remove(2));
  CHECK(remove(3));
  CHECK(remove(6));
  reopen();
  check_holds({1, 4, 5}, 6);
  CHECK_FALSE(remove(3));
  CHECK(remove(1));
  check_holds({4, 5}, 6);
  CHECK(publish("jobs.a") == 7);
}

TEST_CASE_METHOD(removing_fixture, "a subject's last message is the one before",
                 "[bus]") {
  for (const auto* subject : {"jobs.a", "jobs.b", "jobs.a"})
    publish(subject);
  CHECK(remove(3));
  auto last = bus.last("JOBS", "jobs.a");
  REQUIRE(last);
  REQUIRE(last->has_value());
  CHECK((*last)->sequence == 1);
  CHECK(remove(1));
  last = bus.last("JOBS", "jobs.a");
  REQUIRE(last);
  CHECK_FALSE(last->has_value());
}

TEST_CASE_METHOD(removing_fixture, "a stream with gaps is read from a time on",
                 "[bus]") {
  for (auto i = 0; i < 8; ++i)
    publish("jobs.a");
  auto stored = bus.read({.stream = "JOBS"}).back().stored_at_ms;
  REQUIRE(eventually([&] { return system_wall_clock()() > stored + 5; }));
  for (auto i = 0; i < 4; ++i)
    publish("jobs.a");
  for (auto gone : {4, 5, 6, 7, 9})
    CHECK(remove(static_cast<std::uint64_t>(gone)));
  auto found = bus.read({.stream = "JOBS", .from_time_ms = stored + 3});
  REQUIRE(found.size() == 3);
  CHECK(found[0].sequence == 10);
  CHECK(bus.read({.stream = "JOBS", .from_time_ms = stored - 60'000}).size()
        == 7);
}

TEST_CASE_METHOD(consumers_fixture, "a durable's counts know what was removed",
                 "[bus]") {
  for (const auto* subject :
       {"jobs.a", "jobs.b", "jobs.a", "jobs.a", "jobs.b", "jobs.a"})
    REQUIRE(bus.publish(message(subject)));
  auto options = durable("d");
  options.filter_subject = "jobs.a";
  auto one = bus.join(options, 1);
  CHECK(one.ack(one.in->at(0)));
  auto all = bus.join(durable("all"));
  CHECK(state("d").pending == 3);
  CHECK(state("all").pending == 6);
  for (auto gone : {1, 3, 5})
    REQUIRE(bus.remove("JOBS", static_cast<std::uint64_t>(gone)));
  // The first was delivered already, the fifth has another subject.
  CHECK(eventually([&] { return state("d").pending == 2; }));
  CHECK(eventually([&] { return state("all").pending == 3; }));
  // One that begins now counts the same.
  auto fresh = bus.join(durable("fresh"));
  CHECK(state("fresh").pending == 3);

  one.on->request(10);
  REQUIRE(one.in->wait_for(3));
  CHECK(one.in->sequences() == std::vector<std::uint64_t>{1, 4, 6});
  CHECK(one.in->at(2).pending == 0);
  all.on->request(10);
  REQUIRE(all.in->wait_for(3));
  CHECK(all.in->sequences() == std::vector<std::uint64_t>{2, 4, 6});
  CHECK(state("d").pending == 0);
  CHECK(state("all").pending == 0);
}

TEST_CASE_METHOD(consumers_fixture, "a removed message is not redelivered",
                 "[bus]") {
  publish(2);
  auto options = durable("d");
  options.ack_wait = 500ms;
  auto one = bus.join(options, 10);
  REQUIRE(one.in->wait_for(2));
  REQUIRE(bus.remove("JOBS", 1));
  CHECK(one.in->at(2).sequence == 2);
  CHECK(one.in->at(3).sequence == 2);
  CHECK(one.ack(one.in->at(3)));
  CHECK(eventually([&] { return state("d").ack_pending == 0; }));
}
