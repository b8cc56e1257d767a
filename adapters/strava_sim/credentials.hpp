#pragma once

#include "adapters/http/server.hpp"

#include <optional>
#include <string>
#include <utility>

namespace stravasync::strava_sim {

/// @returns the token of `Authorization: Bearer ...`; empty if there is none.
[[nodiscard]] std::string bearer_token(const http::request& what);

/// @returns user and password of `Authorization: Basic ...` (RFC 7617).
[[nodiscard]] std::optional<std::pair<std::string, std::string>>
basic_credentials(const http::request& what);

} // namespace stravasync::strava_sim
