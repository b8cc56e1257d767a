#pragma once

#include "actors/ports/log.hpp"
#include "config/settings.hpp"

#include <caf/error.hpp>

namespace stravasync {

/// Whether the node keeps anything in its folder: one with a broker, a database
/// and a given key does not, and may run where nothing can be written.
[[nodiscard]] bool keeps_files(const settings& config);

/// Makes the data folder of a node that keeps files, for this user alone. What
/// older versions left open to others is closed, and said once. A folder of
/// another user's, one that others share (as /tmp), or that holds other things,
/// too, is left as it is, with a warning if others can look into it. Blocks.
/// @returns `ec::unavailable` if it cannot be made or is no folder,
/// `ec::denied` if it is another user's symbolic link: that user decides
/// where the data goes.
[[nodiscard]] caf::error
prepare_data_folder(const settings& config, log& journal);

} // namespace stravasync
