#pragma once

#include "actors/ports/monotonic_clock.hpp"

#include <algorithm>
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

  /// What is kept somewhere was written under `token`, though nobody can have
  /// led by it since ours was granted: a token of a clock that was wrong, or of
  /// a lost lease. Ours has to be above it.
  void outgrow(std::uint64_t token) {
    auto lock = std::lock_guard{guard_};
    outgrown_ = std::max(outgrown_, token);
  }

  /// @returns what the next token has to be above.
  [[nodiscard]] std::uint64_t outgrown() const {
    auto lock = std::lock_guard{guard_};
    return outgrown_;
  }

  [[nodiscard]] std::chrono::milliseconds now() const {
    return now_();
  }

private:
  monotonic_clock now_;
  mutable std::mutex guard_;
  std::uint64_t token_ = 0; // 0: does not lead.
  std::uint64_t outgrown_ = 0;
  std::chrono::milliseconds until_{0};
};

} // namespace stravasync
