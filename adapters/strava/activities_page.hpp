#pragma once

#include "actors/ports/strava_api.hpp"

#include <string>

namespace stravasync::strava {

/// Reads the answer of `GET /athlete/activities`. The whole text is validated,
/// so every `json` is well-formed; it is the element's bytes as received. Fails
/// with `ec::upstream_failed`: no JSON (cut, say), no array, or an element
/// without a positive integer `id` and a `start_date` (the detail names its
/// index).
[[nodiscard]] caf::expected<activities_response>
parse_activities(std::string body);

} // namespace stravasync::strava
