#pragma once

#include "config/load.hpp"

namespace stravasync {

/// Fills what is empty and derived from other settings.
void derive(loaded_settings& of, const std::string& node_id);

/// What each value alone cannot tell. Fails with `ec::invalid_argument`.
[[nodiscard]] caf::error check(const loaded_settings& of);

/// What only a node needs to run. Fails with `ec::invalid_argument`.
[[nodiscard]] caf::error check_node(const loaded_settings& of);

/// Whether a public URL may not have this path: its first part is one of the
/// node's own routes. Behind a proxy that takes the public path off, such a
/// route could not be told from a path that the proxy left on.
[[nodiscard]] bool is_own_path(std::string_view path);

} // namespace stravasync
