#pragma once

#include "config/load.hpp"

namespace stravasync {

/// Fills what is empty and derived from other settings.
void derive(loaded_settings& of, const std::string& node_id);

/// What each value alone cannot tell. Fails with `ec::invalid_argument`.
[[nodiscard]] caf::error check(const loaded_settings& of);

/// What only a node needs to run. Fails with `ec::invalid_argument`.
[[nodiscard]] caf::error check_node(const loaded_settings& of);

} // namespace stravasync
