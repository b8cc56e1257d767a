#pragma once

#include <string>
#include <string_view>

namespace stravasync {

/// @returns `text` with its control characters (C0, DEL and C1) as "\u001b", so
/// that names and reasons from outside cannot move a terminal's cursor or set
/// its title. JSON on one line stays the same JSON.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace stravasync
