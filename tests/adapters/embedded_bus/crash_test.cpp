#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <set>

using namespace stravasync;
using namespace stravasync::test;

namespace {

/// What a child tells before it is killed: a letter and two numbers.
struct note {
  char what = 0;
  std::uint64_t sequence = 0;
  std::uint64_t number = 0;
};

/// Runs `child` in a process of its own, which is killed `lifetime` after its
/// first note, so that opening is not all it does.
/// @returns its notes.
std::vector<note> run_and_kill(const std::function<void(int pipe)>& child,
                               std::chrono::milliseconds lifetime) {
  auto pipe = std::array<int, 2>{};
  if (::pipe(pipe.data()) != 0)
    throw std::runtime_error("no pipe");
  auto pid = ::fork();
  if (pid == 0) {
    ::close(pipe[0]);
    child(pipe[1]);
    ::_exit(0);
  }
  ::close(pipe[1]);
  std::vector<note> notes;
  auto read_until = [&](std::chrono::steady_clock::time_point end,
                        std::size_t notes_max) {
    while (notes.size() < notes_max) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
      auto ready = pollfd{pipe[0], POLLIN, 0};
      note next;
      if (left.count() <= 0
          || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0
          || ::read(pipe[0], &next, sizeof next) != sizeof next)
        return;
      notes.push_back(next);
    }
  };
  read_until(std::chrono::steady_clock::now() + patience, 1);
  read_until(std::chrono::steady_clock::now() + lifetime, 1'000'000);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  read_until(std::chrono::steady_clock::now() + patience, 1'000'000);
  ::close(pipe[0]);
  return notes;
}

void tell(int pipe, note what) {
  if (::write(pipe, &what, sizeof what) != sizeof what)
    ::_exit(1);
}

/// Keeps 100 publishes in flight; notes 'P' with sequence and number.
void publish_for_ever(const embedded_bus::options& options, int pipe,
                      std::uint64_t number) {
  log_lines log;
  auto bus = embedded_bus::open(options, log);
  if (!bus)
    ::_exit(1);
  std::mutex mutex;
  std::condition_variable changed;
  auto in_flight = 0;
  while (true) {
    auto lock = std::unique_lock{mutex};
    changed.wait(lock, [&] { return in_flight < 100; });
    ++in_flight;
    lock.unlock();
    auto mine = ++number;
    auto id = std::to_string(mine);
    (*bus)->publish(message("jobs.a", id, id), [&, mine](const auto& ack) {
      if (ack)
        tell(pipe, {'P', ack->sequence, mine});
      auto done = std::lock_guard{mutex};
      --in_flight;
      changed.notify_one();
    });
  }
}

/// Takes and acks, but leaves every third message to the next process; notes
/// 'D' with the count of deliveries, then 'A'.
void consume_for_ever(const embedded_bus::options& options, int pipe) {
  log_lines log;
  auto bus = embedded_bus::open(options, log);
  if (!bus)
    ::_exit(1);
  std::shared_ptr<subscription> on;
  auto take = [&](const delivery& d) {
    tell(pipe, {'D', d.sequence, d.delivered});
    if (d.sequence % 3 == 0 && d.delivered == 1)
      return on->request(1);
    on->settle(d.token, {}, [&, sequence = d.sequence](const auto& settled) {
      if (settled)
        tell(pipe, {'A', sequence, 0});
      on->request(1);
    });
  };
  auto joined = bus_probe{*bus}.subscribe({.stream = "JOBS", .durable = "d"},
                                          take);
  if (!joined)
    ::_exit(1);
  on = *joined;
  on->request(50);
  ::pause();
}

} // namespace

TEST_CASE_METHOD(embedded_fixture, "kill -9 loses nothing that was acked",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  std::minstd_rand random{7};
  std::map<std::uint64_t, std::uint64_t> acked;
  auto last_number = std::uint64_t{0};
  for (auto round = 0; round < 12; ++round) {
    close();
    auto lifetime = std::chrono::milliseconds{random() % 60};
    auto notes = run_and_kill(
      [&](int pipe) { publish_for_ever(options, pipe, last_number); },
      lifetime);
    REQUIRE_FALSE(notes.empty());
    for (const auto& n : notes) {
      acked[n.sequence] = n.number;
      last_number = std::max(last_number, n.number);
    }
    open();
  }
  std::set<std::string> stored;
  auto next = std::uint64_t{1};
  while (true) {
    auto some
      = bus.read({.stream = "JOBS", .from_sequence = next, .limit = 1'000});
    if (some.empty())
      break;
    for (const auto& m : some) {
      REQUIRE(m.sequence == next++);
      // The ids of what was in flight are published again: still once.
      REQUIRE(stored.insert(m.message.payload).second);
      if (auto i = acked.find(m.sequence); i != acked.end())
        REQUIRE(m.message.payload == std::to_string(i->second));
    }
  }
  CHECK(acked.rbegin()->first < next);
  CHECK(acked.size() > 100);
  CHECK(bus.describe("JOBS").messages == next - 1);
}

TEST_CASE_METHOD(embedded_fixture,
                 "kill -9 while consuming repeats no acked one",
                 "[embedded_bus]") {
  constexpr auto messages = std::size_t{600};
  open();
  REQUIRE(bus.ensure(jobs_stream));
  REQUIRE(bus.publish_many("jobs.a", messages) == messages);
  std::minstd_rand random{11};
  std::set<std::uint64_t> acked;
  std::map<std::uint64_t, std::uint64_t> delivered;
  auto repeated = 0;
  auto left = messages;
  for (auto round = 0; left > 0; ++round) {
    REQUIRE(round < 200);
    close();
    auto notes
      = run_and_kill([&](int pipe) { consume_for_ever(options, pipe); },
                     std::chrono::milliseconds{random() % 20});
    open();
    auto before = acked;
    for (const auto& n : notes) {
      if (n.what == 'A') {
        acked.insert(n.sequence);
        continue;
      }
      CAPTURE(n.sequence, n.number);
      // No ack was lost, and the count goes on where the dead process was.
      REQUIRE_FALSE(before.contains(n.sequence));
      REQUIRE(n.number > delivered[n.sequence]);
      repeated += delivered[n.sequence] > 0 ? 1 : 0;
      delivered[n.sequence] = n.number;
    }
    auto state = bus.describe("JOBS").durables.at(0);
    left = state.pending + state.ack_pending;
    REQUIRE(left <= messages - acked.size());
  }
  CHECK(repeated > 0);
}
