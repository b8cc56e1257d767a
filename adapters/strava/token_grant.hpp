#pragma once

#include "actors/ports/strava_api.hpp"

#include <string>

namespace stravasync::strava {

/// Reads the answer of the token endpoint. `expires_in`, counted from `now_ms`,
/// stands in for an absent `expires_at`. Fails with `ec::upstream_failed`,
/// naming what is missing and quoting nothing: the text holds secrets.
/// @param needs_athlete A code exchange must say whose tokens these are.
[[nodiscard]] caf::expected<token_grant>
parse_token_grant(std::string body, unix_ms now_ms, bool needs_athlete);

} // namespace stravasync::strava
