#pragma once

#include "config/load.hpp"

#include <caf/expected.hpp>

#include <string>
#include <string_view>

namespace stravasync {

/// @param text "env:NAME", "file:PATH" (one line end at its end is dropped), or
/// the secret itself if `plain_allowed`: where others read along (a file under
/// version control, the list of processes), it is not.
/// Fails with `ec::invalid_argument`; the detail never holds the secret.
[[nodiscard]] caf::expected<std::string>
resolve_secret(std::string_view text, bool plain_allowed,
               const environment& variables);

} // namespace stravasync
