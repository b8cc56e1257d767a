#pragma once

#include "actors/api/ingest_writer.hpp"
#include "config/settings.hpp"
#include "messages/contracts.hpp"

namespace stravasync {

/// @returns how pages are stored with these settings: the same on nodes and in
/// replays, or a re-list would delete other activities there.
[[nodiscard]] inline ingest_config ingest_rules(const settings& config) {
  ingest_config result;
  result.durable = durable_name(config.api.service,
                                ingest::v1::ActivitiesPage{});
  auto& rules = result.deletions;
  rules.share_max = config.sync.delete_share_max;
  rules.share_from = config.sync.delete_share_from;
  rules.second_look = config.sync.delete_second_look;
  if (!config.bus.embedded())
    rules.clock_skew_max = config.budget.clock_skew_max;
  return result;
}

} // namespace stravasync
