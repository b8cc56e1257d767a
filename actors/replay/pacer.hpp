#pragma once

#include "actors/ports/clock.hpp"

#include <caf/expected.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace stravasync {

/// How fast recorded time passes; 0: messages do not wait for each other.
using replay_speed = double;

/// @param text "1x", "10x", "0.5x", "max"; from 0.001x to 1000000x.
/// @returns `ec::invalid_argument` with the forms there are.
[[nodiscard]] caf::expected<replay_speed> parse_speed(std::string_view text);

/// Says when each message is due, counted from the first: what comes late does
/// not make the next ones late.
class pacer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit pacer(replay_speed speed) : speed_{speed} {
  }

  /// @param now Begins the replay if this is the first message.
  [[nodiscard]] time_point due(unix_ms stored_at_ms, time_point now);

private:
  struct beginning {
    unix_ms stored_at_ms;
    time_point at;
  };

  replay_speed speed_;
  std::optional<beginning> first_;
};

} // namespace stravasync
