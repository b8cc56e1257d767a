#pragma once

#include <string>
#include <string_view>

namespace stravasync {

/// @returns `text` as a TOML basic string, with its quotes.
[[nodiscard]] std::string toml_quoted(std::string_view text);

} // namespace stravasync
