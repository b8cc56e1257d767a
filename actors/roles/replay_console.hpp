#pragma once

#include "actors/replay/play.hpp"
#include "actors/roles/stop_signals.hpp"

#include <chrono>
#include <string_view>

namespace stravasync {

/// @returns whether it was written.
[[nodiscard]] bool write_to_stdout(std::string_view text);

/// The person who replays: sees how far it is, says when to go on, interrupts.
class replay_console {
public:
  explicit replay_console(stop_signals& signals);

  /// Blocks until then. @returns false if interrupted.
  [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point when);

  /// Shows the next message and waits for a line on standard input. @returns
  /// false at its end, for the line "q", or if interrupted.
  [[nodiscard]] bool confirm(const stored_message& next);

  /// Tells how far it is, now and then, if standard error is a terminal and
  /// standard output is not.
  void progress(const replay_summary& so_far);

  /// Clears what `progress` wrote.
  void end();

private:
  stop_signals& signals_;
  bool shows_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

} // namespace stravasync
