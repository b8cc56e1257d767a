#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kit {

/// What all actors of one class have done so far.
struct class_statistics {
  std::string actor_class;
  /// Handlers and continuations that ran.
  std::uint64_t handled = 0;
  /// Those that threw, and answers that were errors.
  std::uint64_t failed = 0;
  /// Time spent inside handlers, over all actors of the class.
  std::chrono::nanoseconds busy{0};
  /// Actors that exist now, and that were started since the beginning.
  std::uint64_t alive = 0;
  std::uint64_t started = 0;
  /// Messages in the mailboxes of those that exist, each as it was when its
  /// actor last finished one.
  std::uint64_t waiting = 0;
};

/// The counters of one actor. Only the actor itself calls `count`; anybody
/// may add to `failed`. Readable from any thread.
class meter {
public:
  /// @param waiting Messages that the actor has still to handle.
  void count(std::chrono::nanoseconds busy, std::size_t waiting = 0) {
    // One writer: a plain addition, no locked instruction.
    handled_.store(handled_.load(std::memory_order_relaxed) + 1,
                   std::memory_order_relaxed);
    busy_ns_.store(busy_ns_.load(std::memory_order_relaxed) + busy.count(),
                   std::memory_order_relaxed);
    waiting_.store(waiting, std::memory_order_relaxed);
  }

  void count_failure() {
    failed_.fetch_add(1, std::memory_order_relaxed);
  }

  void add_to(class_statistics& sum) const;

  [[nodiscard]] std::uint64_t waiting() const {
    return waiting_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::int64_t> busy_ns_{0};
  std::atomic<std::uint64_t> waiting_{0};
};

using meter_ptr = std::shared_ptr<meter>;

/// Where actors are counted, by class. A handle: copies refer to the same
/// numbers, which live as long as anybody holds one. Made by the composition
/// root and given to each actor. Thread-safe.
class actor_statistics {
public:
  actor_statistics();

  /// @returns a meter for one new actor. The actor counts as alive until the
  /// last copy is gone; what it counted stays.
  [[nodiscard]] meter_ptr meter_for(std::string_view actor_class) const;

  /// @returns every class that ever had an actor, sorted by name.
  [[nodiscard]] std::vector<class_statistics> snapshot() const;

private:
  struct registry;
  std::shared_ptr<registry> registry_;
};

} // namespace kit
