#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace stravasync::jetstream {

/// Counts of one subscription: what may be delivered, and what the server was
/// asked for. Pure; the owner locks and sends.
class pull_ledger {
public:
  using time = std::chrono::steady_clock::time_point;

  struct limits {
    /// The server ends an unfilled pull after it.
    std::chrono::milliseconds expires{30'000};
    /// The server tells so often that it lives.
    std::chrono::milliseconds heartbeat{2'500};
    /// For the end of a pull to arrive after `expires`.
    std::chrono::milliseconds grace{2'000};
  };

  pull_ledger() = default;
  explicit pull_ledger(limits bounds) : limits_(bounds) {
  }

  void add_credit(std::size_t count) {
    credit_ += count;
  }

  [[nodiscard]] std::size_t credit() const {
    return credit_;
  }

  /// A message came. @returns false if there is no credit for it.
  [[nodiscard]] bool take(time now);

  /// Any word of the server's.
  void heard(time now) {
    last_heard_ = now;
  }

  /// The server ended a pull that lacked `missing` messages; without a number
  /// that is what was not yet seen of it.
  void ended(std::uint64_t pull, std::optional<std::size_t> missing);

  /// @returns how many to ask for; 0: enough is asked for already. Asks again
  /// when half is used up.
  [[nodiscard]] std::size_t wanted() const;

  /// @returns the number of a new pull for `batch`.
  std::uint64_t begin(std::size_t batch, time now);

  /// Ends the pulls whose time is over though the server did not say so.
  void expire(time now);

  /// @returns whether the server owes a sign of life.
  [[nodiscard]] bool silent(time now) const;

  /// Nothing is asked for any more.
  void forget();

  [[nodiscard]] const limits& bounds() const {
    return limits_;
  }

private:
  struct asked {
    std::uint64_t pull;
    std::size_t left;
    time ends;
  };

  [[nodiscard]] std::size_t outstanding() const;

  limits limits_;
  std::size_t credit_ = 0;
  std::vector<asked> pulls_; // Oldest first.
  std::uint64_t last_pull_ = 0;
  time last_heard_;
};

} // namespace stravasync::jetstream
