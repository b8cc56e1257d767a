#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/store.hpp"
#include "messages/athletes.pb.h"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// @file
/// What Strava's list lacks: deletions send no notice, and a list may lack what
/// is there. Times are those of fetching, so that storing the same pages again
/// on another day comes to equal rows.

namespace stravasync {

/// When an activity that a finished re-list lacks is deleted.
struct deletion_rules {
  /// In a large history up to this share, at once. Beyond it a person has to
  /// say yes: rather Strava erred than the athlete.
  double share_max = 0.2;
  /// Below so many activities a share says nothing: it is deleted once a second
  /// re-list lacks it, too, this much later at least.
  std::int64_t share_from = 50;
  milliseconds second_look{86'400'000};
  /// How far the clocks of the nodes that fetch may be apart.
  milliseconds clock_skew_max{0};
};

/// What becomes of activities that a list lacks.
enum class missing_fate : std::uint8_t {
  deleted,
  second_look, // Deleted if the first list that lacked it is old enough.
  doubted,
};

/// @param missing Of `stored` live ones, both without those that are hidden.
[[nodiscard]] missing_fate
fate_of_missing(std::int64_t missing, std::int64_t stored,
                const deletion_rules& rules);

/// What a finished re-list came to.
struct absence_effect {
  std::vector<std::int64_t> deleted_ids;
  std::size_t unseen = 0;
  std::size_t doubted = 0;
  std::size_t hidden = 0;
  /// The doubted ones may be private: the list cannot tell.
  bool may_be_private = false;
  /// Elements of the list that may be any activity: none of those missing is
  /// deleted because of that list.
  std::size_t unreadable = 0;
  std::int64_t stored = 0; // Before that, without those hidden.
};

/// Decides about what `run`, a re-list that is at its end, did not see.
/// @param whose As it is now: without the scope activity:read_all Strava hides
/// what is private, so that nothing is deleted because of its list alone.
[[nodiscard]] caf::error
judge_unseen(transaction& tx, const sync_run& run, const athlete& whose,
             const deletion_rules& rules, absence_effect& out);

/// Deletes what Strava's list lacks, because a person said yes. Fails with
/// `ec::conflict` if the person saw another number.
[[nodiscard]] caf::error
confirm_deletions(transaction& tx, const query::v1::ConfirmDeletions& asked,
                  unix_ms now);

/// Does what was confirmed at some time, as a recording tells it, but for
/// activities that were seen after they were missed. Doing it again changes
/// nothing. @returns how many it deleted.
[[nodiscard]] caf::expected<std::int64_t>
apply_confirmed(transaction& tx, const ingest::v1::DeletionsConfirmed& what);

} // namespace stravasync
