#pragma once

#include <string>
#include <string_view>

namespace stravasync {

/// @returns `text` for a person: a URL in it without the password that stands
/// before its host, or among its parameters. URLs with commas between count as
/// one from the first password to the last host.
[[nodiscard]] std::string without_password(std::string_view text);

/// @returns the URL with PostgreSQL's scheme in its long form: libpq and those
/// who rent databases write postgres:// as well.
[[nodiscard]] std::string with_long_scheme(std::string_view url);

} // namespace stravasync
