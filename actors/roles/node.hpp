#pragma once

#include "config/load.hpp"

namespace stravasync {

/// Runs the roles of the settings in this process until it is told to stop.
/// @returns the process's exit code: 0 stopped as told, 1 could not start or
/// gave up, with the reason on standard error and in the log.
[[nodiscard]] int run_node(const loaded_settings& loaded);

} // namespace stravasync
