#pragma once

#include "actors/ports/store.hpp"

#include <caf/error.hpp>

#include <string>

namespace stravasync {

/// Stores who connected. If the athlete is known, what others wrote since stays
/// (`connected_at_ms`, `newest_start_ms`), and is filled in in `next`.
/// @param scope_before Set to the scope that was granted before, if known.
[[nodiscard]] caf::error
store_athlete(transaction& tx, athlete& next, std::string& scope_before);

/// Adds what the consent brought to the outbox, for whoever rebuilds a database
/// from stream INGEST.
[[nodiscard]] caf::error
record_profile(transaction& tx, const athlete& who, unix_ms now);

} // namespace stravasync
