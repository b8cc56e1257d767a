#include "adapters/embedded_bus/embedded_bus.hpp"
#include "bench/support/bus_driver.hpp"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <optional>

/// @file
/// The embedded bus alone, with messages of 1 KiB. What is acknowledged is on
/// disk, so the disk's fsync is in every figure. The database is made in the
/// folder that TMPDIR names; put it on the disk to be measured.

namespace {

using namespace stravasync;

/// A bus in a folder of its own.
class bench_bus {
public:
  bench_bus() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "bus-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      bench::give_up("no temporary folder");
    folder_ = pattern;
    auto opened
      = embedded_bus::open({.path = (folder_ / "bus.db").string(),
                            .on_commit = [this](std::size_t) { ++commits_; }},
                           log_);
    if (!opened)
      bench::give_up(detail_of(opened.error()));
    driver_.emplace(std::move(*opened));
  }

  ~bench_bus() {
    driver_.reset();
    std::filesystem::remove_all(folder_);
  }

  bench::bus_driver* operator->() {
    return &*driver_;
  }

  [[nodiscard]] double commits() const {
    return static_cast<double>(commits_);
  }

private:
  std::filesystem::path folder_;
  bench::quiet_log log_;
  std::atomic<std::int64_t> commits_ = 0;
  std::optional<bench::bus_driver> driver_;
};

void publish(benchmark::State& state) {
  constexpr auto count = std::int64_t{20'000};
  bench_bus on;
  auto per_round = std::min(count, 200 * state.range(0));
  for (auto _ : state)
    on->publish(per_round, state.range(0));
  auto messages = state.iterations() * per_round;
  state.SetItemsProcessed(messages);
  state.counters["messages/commit"] = static_cast<double>(messages)
                                      / on.commits();
}
BENCHMARK(publish)->Arg(1)->Arg(100)->Arg(10'000)->UseRealTime();

void deliver_and_ack(benchmark::State& state) {
  constexpr auto count = std::int64_t{20'000};
  bench_bus on;
  on->publish(count, count);
  auto round = 0;
  for (auto _ : state)
    on->consume("d" + std::to_string(++round), count,
                static_cast<std::size_t>(state.range(0)));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(deliver_and_ack)->Arg(100)->Arg(1'000)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
