#pragma once

#include "actors/ports/bus.hpp"
#include "messages/state.pb.h"

#include <cstddef>
#include <string>
#include <vector>

/// @file
/// What bucket ATTEMPTS knows of one message: pure functions on its state.

namespace stravasync {

/// One attempt that failed.
struct attempt {
  unix_ms at_ms = 0;
  std::string node;
  std::string reason;
};

/// Of the attempts of one message that are kept, in a letter's words: all of as
/// many as a message may have if they fail alike.
inline constexpr auto attempt_log_bytes_max = std::size_t{20} << 10;

/// @returns the state in `value` if it is of this message: in a stream that was
/// made again another has its sequence.
[[nodiscard]] state::v1::AttemptState
attempts_of(const std::string& value, unix_ms stored_at_ms);

/// A delivery is handed to its handler by `node`.
void note_begun(state::v1::AttemptState& to, unix_ms now,
                const std::string& node);

/// Its handler has answered: the process outlived it.
void note_settled(state::v1::AttemptState& to);

/// It has answered that it failed.
void note_failed(state::v1::AttemptState& to, attempt what);

/// @returns the attempts that failed, and the deliveries in a row that nobody
/// outlived.
[[nodiscard]] std::uint32_t attempts_spent(const state::v1::AttemptState& of);

/// @returns why a message is given up that the process did not outlive.
[[nodiscard]] std::string
never_outlived_reason(const state::v1::AttemptState& of);

/// @returns all that are kept, oldest first; what nobody outlived comes last.
/// Fewer than `attempts_spent`: the oldest took too many bytes.
[[nodiscard]] std::vector<attempt>
attempt_log(const state::v1::AttemptState& of);

} // namespace stravasync
