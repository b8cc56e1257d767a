#pragma once

#include "actors/ports/store.hpp"
#include "messages/ingest.pb.h"

#include <caf/expected.hpp>

#include <vector>

/// @file
/// What the pages of a run do to its row.

namespace stravasync {

/// @returns the page's run, made if a schedule started it.
[[nodiscard]] caf::expected<sync_run>
find_run(transaction& tx, const ingest::v1::ActivitiesPage& page);

/// @returns whether this is the first time the page is stored.
[[nodiscard]] caf::expected<bool>
claim_page(transaction& tx, const ingest::v1::ActivitiesPage& page,
           unix_ms now);

/// @returns whether an activity may be the athlete's newest: a device whose
/// clock is wrong makes no later ones old.
[[nodiscard]] bool has_happened(const activity& row);

/// Adds `rows` to what the run listed.
void count_listed(sync_run& run, const std::vector<activity>& rows);

/// Adds a page that is stored for the first time.
/// @returns whether the run is complete with it.
bool advance_run(sync_run& run, const ingest::v1::ActivitiesPage& page,
                 const std::vector<activity>& rows, unix_ms now);

} // namespace stravasync
