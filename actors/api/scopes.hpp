#pragma once

#include <caf/expected.hpp>

#include <string>
#include <string_view>

namespace stravasync {

/// Reads a list of scopes as it comes from outside: commas or blanks between
/// them, at most 512 characters. @returns it with commas.
/// Fails with `ec::invalid_argument` that names the field "scope".
[[nodiscard]] caf::expected<std::string> parse_scopes(std::string_view text);

/// @param answered What Strava's token answer names; empty: nothing.
/// @param redirected What the redirect through the browser names, parsed: the
/// person at the browser can have changed it.
/// @returns what the athlete granted.
[[nodiscard]] std::string
granted_scopes(std::string_view answered, const std::string& redirected);

} // namespace stravasync
