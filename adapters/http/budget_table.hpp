#pragma once

#include <caf/expected.hpp>

#include <string>
#include <string_view>

namespace stravasync::http {

/// @param json What `/api/v1/admin/budget` answers.
/// @returns it as lines for a terminal; `ec::malformed` if it is something
/// else.
[[nodiscard]] caf::expected<std::string> budget_table(std::string_view json);

} // namespace stravasync::http
