#pragma once

#include <string_view>

namespace stravasync {

/// @returns `text` without what editors and shells leave around it: a byte
/// order mark in front, blanks and line breaks at the ends. A part of `text`.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace stravasync
