#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/log.hpp"

#include <caf/expected.hpp>

#include <memory>
#include <string>

namespace stravasync::embedded_bus {

/// Opens a copy of the bus at `path`, as it is now, to look at what it holds.
/// The bus itself is only read, without a lock: a process that uses it goes on
/// undisturbed. In the copy nothing grows too old; it is a scratch folder (see
/// TMPDIR) of the bus's size that goes away with what is returned. Of a damaged
/// bus it holds the messages that can be read, and a warning is logged.
///
/// @param log Must outlive the bus.
/// @returns `ec::not_found` (no such file), `ec::unavailable` (it cannot be
/// read or copied, changes faster than it can be copied), `ec::malformed` (it
/// is no bus's database, or so damaged that no stream can be read).
[[nodiscard]] caf::expected<std::shared_ptr<bus>>
open_copy(const std::string& path, log& log);

} // namespace stravasync::embedded_bus
