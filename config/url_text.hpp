#pragma once

#include <string>
#include <string_view>

namespace stravasync {

/// @returns `text` for a person: a URL in it without the password that stands
/// before its host, or among its parameters. URLs with commas between count as
/// one from the first password to the last host.
[[nodiscard]] std::string without_password(std::string_view text);

} // namespace stravasync
