#pragma once

#include "config/load.hpp"

#include <caf/expected.hpp>

#include <string>
#include <string_view>

namespace stravasync {

/// @returns whether it begins and ends with the same quotation mark. Files of
/// variables are read by programs that disagree about quotes, and some leave
/// them in.
[[nodiscard]] bool is_quoted(std::string_view text);

/// @param text "env:NAME", "file:PATH" (a regular file; a byte order mark, and
/// blanks and line ends around the text are dropped; quotes are refused), or
/// the secret itself
/// if `plain_allowed`: where others read along (a file under version control,
/// the list of processes), it is not. Fails with `ec::invalid_argument`; the
/// detail never holds the secret.
[[nodiscard]] caf::expected<std::string>
resolve_secret(std::string_view text, bool plain_allowed,
               const environment& variables);

} // namespace stravasync
