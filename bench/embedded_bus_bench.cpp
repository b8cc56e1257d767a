#include "adapters/embedded_bus/embedded_bus.hpp"
#include "messages/error.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>

/// @file
/// The embedded bus alone, with messages of 1 KiB. What is acknowledged is on
/// disk, so the disk's fsync is in every figure. The database is made in the
/// folder that TMPDIR names; put it on the disk to be measured.

namespace {

using namespace stravasync;

[[noreturn]] void give_up(const std::string& reason) {
  std::cerr << reason << '\n';
  std::exit(1);
}

class quiet_log final : public stravasync::log {
public:
  void write(log_level level, std::string_view text,
             std::initializer_list<log_field>) override {
    if (level == log_level::error)
      give_up(std::string{text});
  }
};

/// Counts what is done, and waits for it.
class counter {
public:
  void add() {
    auto lock = std::lock_guard{mutex_};
    ++count_;
    changed_.notify_one();
  }

  void wait_for(std::int64_t count) {
    auto lock = std::unique_lock{mutex_};
    changed_.wait(lock, [&] { return count_ >= count; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t count_ = 0;
};

/// A bus in a folder of its own, with a stream that takes "jobs.>".
class bench_bus {
public:
  /// A completion that counts, and stands no failure.
  auto done() {
    return [this](const auto& result) {
      if (!result)
        give_up(detail_of(result.error()));
      counter_.add();
    };
  }

  bench_bus() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "bus-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      give_up("no temporary folder");
    folder_ = pattern;
    auto opened
      = embedded_bus::open({.path = (folder_ / "bus.db").string(),
                            .on_commit = [this](std::size_t) { ++commits_; }},
                           log_);
    if (!opened)
      give_up(detail_of(opened.error()));
    bus_ = std::move(*opened);
    bus_->ensure({.name = "JOBS", .subjects = "jobs.>"}, done());
    counter_.wait_for(++expected_);
  }

  ~bench_bus() {
    bus_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Keeps up to `window` publishes in flight.
  void publish(std::int64_t count, std::int64_t window) {
    auto first = expected_;
    for (std::int64_t i = 0; i < count; ++i) {
      counter_.wait_for(first + i - window + 1);
      // As the product's: an id for dedupe, a type, an athlete in the subject.
      ++published_;
      auto athlete = std::to_string(70'000'000 + published_ % 500);
      auto m = envelope{"jobs.sync_athlete." + athlete,
                        {{"Nats-Msg-Id", std::to_string(published_)},
                         {"Ss-Type", "stravasync.jobs.v1.SyncAthlete"}},
                        std::string(1'024, 'x')};
      bus_->publish(std::move(m), done());
    }
    expected_ += count;
    counter_.wait_for(expected_);
  }

  /// Delivers and acks `count` messages to a durable, `credit` at once.
  void
  consume(const std::string& durable, std::int64_t count, std::size_t credit) {
    std::shared_ptr<subscription> on;
    counter_.wait_for(expected_);
    bus_->subscribe(
      {.stream = "JOBS", .durable = durable, .max_ack_pending = 100'000},
      [&](delivery d) {
        on->settle(std::move(d.token), {}, done());
        on->request(1);
      },
      [&](auto joined) {
        on = std::move(*joined);
        counter_.add();
      });
    counter_.wait_for(++expected_);
    on->request(credit);
    expected_ += count;
    counter_.wait_for(expected_);
  }

  [[nodiscard]] double commits() const {
    return static_cast<double>(commits_);
  }

private:
  std::filesystem::path folder_;
  quiet_log log_;
  std::atomic<std::int64_t> commits_ = 0;
  counter counter_;
  std::int64_t expected_ = 0;
  std::int64_t published_ = 0;
  std::shared_ptr<bus> bus_;
};

void publish(benchmark::State& state) {
  constexpr auto count = std::int64_t{20'000};
  bench_bus on;
  auto per_round = std::min(count, 200 * state.range(0));
  for (auto _ : state)
    on.publish(per_round, state.range(0));
  auto messages = state.iterations() * per_round;
  state.SetItemsProcessed(messages);
  state.counters["messages/commit"] = static_cast<double>(messages)
                                      / on.commits();
}
BENCHMARK(publish)->Arg(1)->Arg(100)->Arg(10'000)->UseRealTime();

void deliver_and_ack(benchmark::State& state) {
  constexpr auto count = std::int64_t{20'000};
  bench_bus on;
  on.publish(count, count);
  auto round = 0;
  for (auto _ : state)
    on.consume("d" + std::to_string(++round), count,
               static_cast<std::size_t>(state.range(0)));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(deliver_and_ack)->Arg(100)->Arg(1'000)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
