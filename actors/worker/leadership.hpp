#pragma once

#include "actors/ports/monotonic_clock.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace stravasync {

/// Whether this process leads right now. LEADER grants and takes away; who acts
/// as leader looks before each step, because a paused process may wake up long
/// after its lease. Thread-safe.
class leadership {
public:
  explicit leadership(monotonic_clock now) : now_{std::move(now)} {
  }

  /// Valid until `until` on the monotonic clock.
  void grant(std::uint64_t token, std::chrono::milliseconds until) {
    auto lock = std::lock_guard{guard_};
    token_ = token;
    until_ = until;
  }

  void revoke() {
    auto lock = std::lock_guard{guard_};
    token_ = 0;
  }

  /// @returns the fencing token while this process leads.
  [[nodiscard]] std::optional<std::uint64_t> token() const {
    auto now = now_();
    auto lock = std::lock_guard{guard_};
    if (token_ == 0 || now >= until_)
      return std::nullopt;
    return token_;
  }

  /// @returns whether this process still leads by `token`.
  [[nodiscard]] bool holds(std::uint64_t held) const {
    return token() == held;
  }

  [[nodiscard]] std::chrono::milliseconds now() const {
    return now_();
  }

private:
  monotonic_clock now_;
  mutable std::mutex guard_;
  std::uint64_t token_ = 0; // 0: does not lead.
  std::chrono::milliseconds until_{0};
};

} // namespace stravasync
