#pragma once

#include "actors/ports/store.hpp"

#include <cstdint>
#include <vector>

/// @file
/// A small history that lacks something is listed once more, another day.

namespace stravasync {

/// @returns athletes of whose activities some were missed by a list fetched by
/// `before_ms`, in the order of their ids.
[[nodiscard]] caf::expected<std::vector<std::int64_t>>
athletes_to_look_at_again(transaction& tx, unix_ms before_ms);

/// Begins a re-list of such an athlete, unless a run goes on or a re-list began
/// since then: a second one decides about what was missed.
/// @returns whether it began.
[[nodiscard]] caf::expected<bool>
begin_second_look(transaction& tx, std::int64_t athlete_id, unix_ms before_ms,
                  unix_ms now);

} // namespace stravasync
