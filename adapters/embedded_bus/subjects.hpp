#pragma once

#include <string>
#include <string_view>

namespace stravasync::embedded_bus {

/// @returns whether `subject` can be published to: tokens split by '.', none
/// empty, no wildcard, no space and no control character.
[[nodiscard]] bool publishable(std::string_view subject);

/// @returns the same for a filter, where '*' may stand for a token and a last
/// '>' for the rest.
[[nodiscard]] bool well_formed_filter(std::string_view filter);

/// @returns whether some subject matches both filters.
[[nodiscard]] bool overlap(std::string_view left, std::string_view right);

/// @returns what every matching subject starts with: "a.b." for "a.b.*.c".
[[nodiscard]] std::string literal_prefix(std::string_view filter);

/// @returns whether only the filter itself matches it.
[[nodiscard]] bool is_literal(std::string_view filter);

} // namespace stravasync::embedded_bus
