#pragma once

#include "actors/ports/log.hpp"
#include "adapters/strava_sim/simulator.hpp"
#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <memory>

namespace stravasync {

/// Starts the role sim as the settings say.
[[nodiscard]] caf::expected<std::unique_ptr<strava_sim::simulator>>
start_simulator(const settings& config, log& journal);

} // namespace stravasync
