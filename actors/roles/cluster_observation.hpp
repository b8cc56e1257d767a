#pragma once

#include "actors/api/cluster_figures.hpp"
#include "adapters/telemetry/metrics.hpp"

namespace stravasync {

/// @returns what the nodes share as numbers for a scrape: streams and durables
/// with their lag, dead letters, Strava's limits, schedules, nodes. Nothing but
/// that nothing is known if it never was.
[[nodiscard]] telemetry::families cluster_families(const cluster_figures& of);

/// @param answers Whether the bus does.
[[nodiscard]] telemetry::sample_family bus_family(bool answers);

} // namespace stravasync
