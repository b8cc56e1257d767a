#pragma once

#include "actors/ports/store.hpp"
#include "messages/ingest.pb.h"

#include <vector>

/// @file
/// An incremental run leaves the rows of activities that did not change as they
/// are: most runs bring no news, and a row is large. What it listed, and when,
/// is in its own row.

namespace stravasync {

/// @returns before which time a stored activity, equal to that of the page, was
/// fetched if it has to remember that it was listed again: always, but for an
/// incremental run, whose rows only have to outlast the re-lists before it.
[[nodiscard]] caf::expected<unix_ms>
touch_before(transaction& tx, const ingest::v1::ActivitiesPage& page);

/// Takes those out of the page's `rows` that are stored and were listed by a
/// later incremental run before this page came: what that found is newer. In a
/// page of another kind the stored row takes the place of a live one instead:
/// it does not change, but remembers that it was listed, else the end of a
/// re-list would miss it.
///
/// What the page's re-list lacks and the later run listed, unchanged, is missed
/// all the same: that run left no word of each row. It comes back when it is
/// listed next, being fetched after it was found to be gone.
[[nodiscard]] caf::error
leave_out_outdated(transaction& tx, const ingest::v1::ActivitiesPage& page,
                   std::vector<activity>& rows);

} // namespace stravasync
