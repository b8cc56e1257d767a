#pragma once

#include "actors/replay/pacer.hpp"
#include "actors/replay/recording.hpp"

#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace stravasync {

/// Where replayed messages go.
class replay_target {
public:
  virtual ~replay_target() = default;

  /// @returns whether it went well; what failed was told. An error ends the
  /// replay.
  [[nodiscard]] virtual caf::expected<bool>
  take(const stored_message& what) = 0;

  /// After the last message, unless there was an error.
  /// @returns what else there is to say in the end, in whole lines.
  [[nodiscard]] virtual std::string finish() {
    return {};
  }
};

struct replay_summary {
  std::uint64_t messages = 0;
  std::uint64_t failures = 0;
  unix_ms first_stored_at_ms = 0;
  unix_ms last_stored_at_ms = 0;
  std::chrono::milliseconds took{0};
  bool interrupted = false; // Not all were replayed.
  std::string remarks;
};

/// @returns "12 messages recorded over 1h 3m, replayed in 4.2 s, 1 failed".
[[nodiscard]] std::string to_text(const replay_summary& summary);

struct play_options {
  replay_speed speed = 0;
  /// Blocks until then. @returns false: end the replay.
  std::function<bool(std::chrono::steady_clock::time_point)> wait_until;
  /// Before each message. @returns false: end the replay. May be empty.
  std::function<bool(const stored_message&)> confirm;
  /// Told after each message; may be empty.
  std::function<void(const replay_summary&)> progress;
};

/// Brings the recording to `to`, message by message.
/// @returns `ec::not_found` if it holds none.
[[nodiscard]] caf::expected<replay_summary>
play(recording& from, replay_target& to, const play_options& how);

} // namespace stravasync
