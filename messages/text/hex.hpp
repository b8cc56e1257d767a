#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stravasync {

/// @returns 0 to 15 for a hex digit of either case, or -1.
[[nodiscard]] int hex_value(char digit);

enum class hex_letters : std::uint8_t { lower, upper };

/// Appends a byte as two digits.
void append_hex(std::string& out, unsigned char byte,
                hex_letters letters = hex_letters::lower);

/// @returns two digits for each byte, letters in lower case.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// @returns what `to_hex` was given; cut at the first thing that is no hex.
[[nodiscard]] std::string from_hex(std::string_view hex);

} // namespace stravasync
