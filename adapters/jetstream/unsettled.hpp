#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>

namespace stravasync::jetstream {

/// The messages that a durable delivered here and that nobody settled for
/// good. JetStream accepts every settlement, so that a second one can only be
/// noticed here. Thread-safe.
class unsettled {
public:
  void add(std::uint64_t sequence) {
    auto lock = std::lock_guard{mutex_};
    sequences_.insert(sequence);
    // What another node settled after its ack wait is never heard of.
    if (sequences_.size() > most)
      sequences_.erase(sequences_.begin());
  }

  [[nodiscard]] bool has(std::uint64_t sequence) const {
    auto lock = std::lock_guard{mutex_};
    return sequences_.contains(sequence);
  }

  /// @returns whether it was there.
  bool remove(std::uint64_t sequence) {
    auto lock = std::lock_guard{mutex_};
    return sequences_.erase(sequence) > 0;
  }

private:
  static constexpr auto most = std::size_t{100'000};

  mutable std::mutex mutex_;
  std::set<std::uint64_t> sequences_;
};

} // namespace stravasync::jetstream
