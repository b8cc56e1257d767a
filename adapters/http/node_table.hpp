#pragma once

#include <caf/expected.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace stravasync::http {

/// Asks the node of this id for `/api/v1/admin/actors`.
using actors_question
  = std::function<caf::expected<std::string>(const std::string& id)>;

/// @param json Of `/api/v1/admin/nodes`.
/// @param ask Called for each node that is up.
/// @returns a line for each node, for a terminal: what it is, how many of its
/// actors are up, and the first thing that is wrong. Fails with `ec::malformed`
/// if `json` is something else.
[[nodiscard]] caf::expected<std::string>
nodes_table(std::string_view json, const actors_question& ask);

} // namespace stravasync::http
