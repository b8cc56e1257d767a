#pragma once

#include "actors/ports/bus.hpp"

namespace stravasync::embedded_bus {

/// @returns the message, without a subject, in which a notice is kept.
[[nodiscard]] envelope to_notice(const exhausted_delivery& what);

/// @returns what a delivery of such a message tells, its token included.
[[nodiscard]] exhausted_delivery from_notice(delivery what);

} // namespace stravasync::embedded_bus
