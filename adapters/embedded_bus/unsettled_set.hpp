#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace stravasync::embedded_bus {

/// A message that a durable was given and has not settled.
struct unsettled {
  std::uint32_t deliveries = 1;
  /// By the steady clock: when to deliver it again.
  std::chrono::milliseconds due{0};
};

/// What one durable has not settled, by sequence and by time due.
class unsettled_set {
public:
  /// @returns null if `sequence` is settled or was never delivered.
  [[nodiscard]] const unsettled* find(std::uint64_t sequence) const;

  /// Adds or changes.
  void put(std::uint64_t sequence, unsettled value);

  void erase(std::uint64_t sequence);

  void clear();

  /// Ordered by time due, then sequence.
  [[nodiscard]] const std::set<
    std::pair<std::chrono::milliseconds, std::uint64_t>>&
  by_due() const {
    return by_due_;
  }

  [[nodiscard]] std::size_t size() const {
    return by_sequence_.size();
  }

  /// @returns the sequence up to which nothing is unsettled.
  /// @param delivered_to Up to where there were deliveries.
  [[nodiscard]] std::uint64_t settled_to(std::uint64_t delivered_to) const {
    return by_sequence_.empty() ? delivered_to
                                : by_sequence_.begin()->first - 1;
  }

  /// @returns how many were delivered more than once.
  [[nodiscard]] std::size_t redelivered() const {
    return redelivered_;
  }

private:
  std::map<std::uint64_t, unsettled> by_sequence_;
  std::set<std::pair<std::chrono::milliseconds, std::uint64_t>> by_due_;
  std::size_t redelivered_ = 0;
};

} // namespace stravasync::embedded_bus
