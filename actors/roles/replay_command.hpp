#pragma once

#include "adapters/cli/command.hpp"
#include "config/settings.hpp"

namespace stravasync {

/// `stravasync replay`: brings recorded messages of a stream somewhere else.
/// @returns 0, 1 if a message or the replay failed, 2 for wrong input, 130 if
/// it was interrupted.
[[nodiscard]] int
run_replay(const settings& config, const cli::replay_options& asked);

} // namespace stravasync
