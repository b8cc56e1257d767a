#pragma once

#include "actors/ports/bus.hpp"
#include "actors/replay/play.hpp"
#include "actors/replay/request.hpp"
#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <memory>

namespace stravasync {

/// Opens the store that `request.where` names, made if missing, to rebuild it.
/// Fails with `ec::invalid_argument` if it is the one of the settings or not
/// empty, and the request does not force it.
/// @param source Where the recording is.
[[nodiscard]] caf::expected<std::unique_ptr<replay_target>>
open_store_target(const settings& config, const replay_request& request,
                  const std::shared_ptr<bus>& source);

} // namespace stravasync
