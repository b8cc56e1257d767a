#pragma once

#include "actors/nodes/actor_report.hpp"
#include "actors/ports/readiness.hpp"
#include "actors/roles/parts.hpp"

#include <vector>

namespace stravasync {

/// @returns each part that a node of these roles has, and whether it works:
/// from its actors, its connection to the bus and what it tried last. Asks
/// nobody. Any thread.
[[nodiscard]] std::vector<readiness> health_of(const node_parts& parts);

/// @returns what this node can tell of itself, now and later.
[[nodiscard]] known_actors actors_of(const node_parts& parts);

} // namespace stravasync
