#pragma once

#include <caf/error.hpp>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

/// @file
/// What the API's answers have in common as tables for a terminal. A value that
/// is not there is "-".

namespace stravasync::http {

using row = std::vector<std::string>;

/// @returns lines of columns two blanks apart, as wide as they have to be.
[[nodiscard]] std::string aligned(const std::vector<row>& rows);

[[nodiscard]] std::string
text(simdjson::dom::element of, std::string_view name);

/// @returns "2026-11-21 14:30:00", in UTC as the API tells it.
[[nodiscard]] std::string
time(simdjson::dom::element of, std::string_view name);

[[nodiscard]] std::string
number(simdjson::dom::element of, std::string_view name);

/// @returns `ec::malformed`: somebody else has answered.
[[nodiscard]] caf::error foreign();

} // namespace stravasync::http
