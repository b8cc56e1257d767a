#pragma once

#include "actors/api/feed.hpp"
#include "actors/kit/events.hpp"
#include "actors/kit/statistics.hpp"
#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"
#include "actors/ports/readiness.hpp"
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

/// A part of what a node needs that one actor stands for.
struct actor_part {
  std::string part;
  std::string path; // Of the actor.
  /// It begins when it is needed, and is nothing to wait for until it fails.
  bool lazy = false;
};

/// @returns for each of `parts` why its actor is not up, if it is not; nothing
/// of a lazy one that has not failed.
[[nodiscard]] std::vector<readiness>
readiness_of(const kit::actor_tree& tree, const std::vector<actor_part>& parts,
             unix_ms now);

/// Adds what is known of parts by other means: a part works if all say so.
void merge(std::vector<readiness>& into, const std::vector<readiness>& more);

/// @returns the actors' numbers for a scrape.
[[nodiscard]] telemetry::families
actor_families(const kit::actor_tree& tree,
               const kit::actor_statistics& statistics);

} // namespace stravasync
