#pragma once

#include "actors/ports/store.hpp"

#include <cstddef>

/// @file
/// A small history that lacks something is listed once more, another day.

namespace stravasync {

/// Begins a re-list for athletes of whose activities some were missed by a list
/// fetched by `before_ms`, unless a run of theirs goes on or a re-list began
/// since then: a second one decides about those. @returns for how many.
[[nodiscard]] caf::expected<std::size_t>
begin_second_looks(transaction& tx, unix_ms before_ms, unix_ms now);

} // namespace stravasync
