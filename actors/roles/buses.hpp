#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/log.hpp"
#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <memory>

/// @file
/// The one place that chooses a bus by the settings.

namespace stravasync {

/// Opens the bus that `config.bus` names. Fails with a sentence that names the
/// setting.
/// @param journal Must outlive the bus.
[[nodiscard]] caf::expected<std::shared_ptr<bus>>
open_bus(const settings& config, log& journal);

/// The same for somebody who only looks: an embedded bus is opened as a copy,
/// so that it may be in use, and nothing can be done to it.
[[nodiscard]] caf::expected<std::shared_ptr<bus>>
open_bus_to_read(const settings& config, log& journal);

} // namespace stravasync
