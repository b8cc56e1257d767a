#pragma once

#include <string>
#include <string_view>

namespace stravasync::http {

/// @returns `text` so that HTML shows it as it is, also within an attribute in
/// quotes of either kind.
[[nodiscard]] std::string html_escaped(std::string_view text);

} // namespace stravasync::http
