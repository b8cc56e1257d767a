#pragma once

#include "adapters/http/admin_client.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <string>

/// @file
/// What `stravasync sync` asks a running node.

namespace stravasync::http {

/// What Strava's list of an athlete lacks.
struct missing_activities {
  std::int64_t count = 0; // 0: nothing.
  std::string since;      // RFC 3339.
};

/// Errors as `admin_client` has them, for all functions.
[[nodiscard]] caf::expected<missing_activities>
find_missing(const admin_client& node, std::int64_t athlete_id);

/// Deletes them, if there are `count` still.
[[nodiscard]] caf::error
confirm_missing(const admin_client& node, std::int64_t athlete_id,
                std::int64_t count);

} // namespace stravasync::http
