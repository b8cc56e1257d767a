#pragma once

#include "actors/ports/strava_api.hpp"
#include "messages/jobs.pb.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stravasync {

/// What one page means for its run.
struct page_step {
  /// The page's items less those an earlier page of the run carried.
  std::vector<listed_activity> fresh;
  /// Where the run goes on; none: it is at its end.
  std::optional<jobs::v1::ListPosition> next;
};

/// @returns the id of the message that carries `page_number` of a run: of the
/// job in JOBS and of the page in INGEST.
[[nodiscard]] std::string
page_message_id(const std::string& run_id, std::uint32_t page_number);

/// @returns where a run of `mode` begins.
/// @param newest_start_s Start of the newest activity known, for incremental
/// runs; 0: none, which lists everything, oldest first.
/// @param overlap_s How far before that an incremental run begins, so that
/// activities uploaded late are seen.
[[nodiscard]] jobs::v1::ListPosition
first_position(jobs::v1::SyncMode mode, std::int64_t newest_start_s,
               std::int64_t overlap_s);

/// Steps from the page at `at` to the next. A full page moves the time cursor
/// to its last item, overlapping by that item's second, because whether
/// Strava's bounds are inclusive is unknown. A short page is not the end
/// ("prefer iterating until an empty page", Strava's documentation), except in
/// an incremental run: what it may have missed is newest, and the next run
/// begins before that.
/// @param items In Strava's order: newest first without `after`, else oldest
/// first.
[[nodiscard]] page_step
step(jobs::v1::SyncMode mode, const jobs::v1::ListPosition& at,
     std::vector<listed_activity> items, std::uint32_t per_page);

} // namespace stravasync
