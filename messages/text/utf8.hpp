#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stravasync {

/// U+FFFD.
inline constexpr auto utf8_replacement = std::string_view{"\xEF\xBF\xBD"};

/// @returns the length in bytes of the well-formed UTF-8 sequence that `text`
/// begins with (Unicode 15, table 3-7), or 0.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// @returns how many bytes from the start of `text` are UTF-8.
[[nodiscard]] std::size_t utf8_prefix(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// @returns `text` with each byte that is no UTF-8 as U+FFFD.
[[nodiscard]] std::string as_utf8(std::string_view text);

} // namespace stravasync
