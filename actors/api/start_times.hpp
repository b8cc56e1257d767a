#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/store.hpp"

#include <caf/expected.hpp>

#include <optional>

/// @file
/// When things began, in a store that a clock which was wrong may have written.

namespace stravasync {

/// Clocks of nodes that are right differ by less.
inline constexpr auto clocks_apart_max_ms = unix_ms{3'600'000};

/// Replaces the start of the newest activity by what is stored if it is in the
/// future: one activity of a wrong clock was once taken for the newest.
[[nodiscard]] caf::error
correct_newest(transaction& tx, athlete& whose, unix_ms now);

/// @returns when a run that begins now starts: after `newest`, the athlete's
/// newest run, though the clock of the node that began that may be ahead. If it
/// is of the future altogether, the runs are brought back first.
[[nodiscard]] caf::expected<unix_ms>
start_after(transaction& tx, const std::optional<sync_run>& newest,
            unix_ms now);

} // namespace stravasync
