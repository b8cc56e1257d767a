#pragma once

#include "adapters/strava_sim/world.hpp"

#include <string>

namespace stravasync::strava_sim {

/// `/oauth/...`. @param path Without `/api/v3`.
[[nodiscard]] reply
answer_oauth(world& of, const http::request& what, const std::string& path);

/// All else that Strava has. @param path Without `/api/v3`.
[[nodiscard]] reply
answer_api(world& of, const http::request& what, const std::string& path);

/// Whether `path` is one that tells how a node is, as on every role's port.
[[nodiscard]] bool is_probe(std::string_view path);

/// `/healthz` and `/readyz`.
[[nodiscard]] reply answer_probe(const http::request& what);

/// `/sim/...`; errors are problem documents.
[[nodiscard]] reply answer_control(world& of, const http::request& what);

/// @returns how many activities an athlete did and how far, per kind, as
/// `/athletes/{id}/stats` shows it.
[[nodiscard]] std::string
stats_json(const athlete_history& history, std::int64_t now_s);

/// @returns a DetailedActivity for a SummaryActivity.
[[nodiscard]] std::string detailed_activity(const std::string& summary);

} // namespace stravasync::strava_sim
