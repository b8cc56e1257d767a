#pragma once

#include <string>
#include <string_view>

namespace stravasync {

/// @returns `text` with the letters A to Z as a to z, whatever the locale; all
/// else stays.
[[nodiscard]] std::string lower_case(std::string_view text);

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace stravasync
