#pragma once

#include "config/load.hpp"

#include <cstdint>

namespace stravasync {

/// `stravasync migrate`: says what is pending and, unless `dry_run`, applies
/// it. @returns the exit code.
[[nodiscard]] int run_migrate(const settings& config, bool dry_run);

/// `stravasync seed`: fills the store with demo athletes, the same ones each
/// time. @returns the exit code.
[[nodiscard]] int run_seed(const settings& config, std::uint32_t athletes,
                           std::uint32_t activities);

} // namespace stravasync
