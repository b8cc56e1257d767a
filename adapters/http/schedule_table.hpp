#pragma once

#include <caf/expected.hpp>

#include <string>
#include <string_view>

/// @file
/// The API's answers about schedules as tables for a terminal.

namespace stravasync::http {

/// @param json Of `/api/v1/admin/schedules`.
/// @returns lines: who leads, then a line for each schedule. Fails with
/// `ec::malformed` if `json` is something else.
[[nodiscard]] caf::expected<std::string> schedules_table(std::string_view json);

/// @param json Of `/api/v1/admin/schedules/{name}/runs`.
[[nodiscard]] caf::expected<std::string> runs_table(std::string_view json);

} // namespace stravasync::http
