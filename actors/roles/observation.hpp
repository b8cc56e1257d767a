#pragma once

#include "actors/api/feed.hpp"
#include "actors/kit/events.hpp"
#include "actors/kit/statistics.hpp"
#include "actors/ports/api_service.hpp"
#include "actors/ports/log.hpp"
#include "adapters/telemetry/metrics.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace stravasync {

/// @returns an observer that keeps `tree` current, tells the log of what broke
/// and what is back (each once), and the watching pages.
[[nodiscard]] kit::actor_observer
make_observer(kit::actor_tree tree, std::shared_ptr<log> journal,
              std::shared_ptr<feed_hub> hub);

/// @returns for each of `paths` why it is not up, if it is not.
[[nodiscard]] std::vector<readiness>
readiness_of(const kit::actor_tree& tree,
             const std::vector<readiness>& paths_and_names);

/// @returns the actors' numbers for a scrape.
[[nodiscard]] telemetry::families
actor_families(const kit::actor_tree& tree,
               const kit::actor_statistics& statistics);

} // namespace stravasync
