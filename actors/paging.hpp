#pragma once

#include "actors/ports/strava_api.hpp"
#include "messages/jobs.pb.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync {

/// What one page means for its run.
struct page_step {
  /// The page's items less those an earlier page of the run carried.
  std::vector<listed_activity> fresh;
  /// Where the run goes on; none: it is at its end.
  std::optional<jobs::v1::ListPosition> next;
};

/// When a run has gone on long enough without reason.
struct run_limits {
  /// Pages in a row that come less than an hour of start times further.
  std::uint32_t stalled_pages_max = 20;
  /// Elements listed by one run.
  std::uint64_t activities_max = 100'000;
};

/// @returns the id of the message that carries `page_number` of a run: of the
/// job in JOBS and of the page in INGEST.
[[nodiscard]] std::string
page_message_id(const std::string& run_id, std::uint32_t page_number);

/// @returns a number of 64 bits for `bytes`, the same in every version: what
/// has no readable id is known by it.
[[nodiscard]] std::uint64_t element_digest(std::string_view bytes);

/// @returns where a run of `mode` begins.
/// @param newest_start_s Start of the newest activity known that is not in the
/// future, for incremental runs; none lists everything since 1970, oldest
/// first.
/// @param overlap_s How far before that an incremental run begins, so that
/// activities uploaded late are seen.
/// @param now_s An hour before that is as late as it may begin: Strava refuses
/// a time that is in the future by its own clock.
[[nodiscard]] jobs::v1::ListPosition
first_position(jobs::v1::SyncMode mode,
               std::optional<std::int64_t> newest_start_s,
               std::int64_t overlap_s, std::int64_t now_s);

/// Steps from the page at `at` to the next. A full page moves the time cursor
/// to its last item with a start, overlapping by that item's second, because
/// whether Strava's bounds are inclusive is unknown. Where no bound can go that
/// Strava takes (before 1970, after now) the page is turned instead. A short
/// page is not the end ("prefer iterating until an empty page", Strava's
/// documentation), except in an incremental run: what it may have missed is
/// newest, and the next run begins before that.
/// @param items In Strava's order: newest first without `after`, else oldest
/// first. Those without a readable id or start are carried like the others.
[[nodiscard]] page_step
step(jobs::v1::SyncMode mode, const jobs::v1::ListPosition& at,
     std::vector<listed_activity> items, std::uint32_t per_page,
     std::int64_t now_s);

/// @returns whether the run that begins with `other` lists all that the one
/// that would begin with `job` lists: a first page of the same athlete and
/// mode, from no later on. Never of a backfill, which is begun once.
[[nodiscard]] bool lists_as_much(const jobs::v1::SyncAthlete& other,
                                 const jobs::v1::SyncAthlete& job);

/// @returns why a run that is at `at` is not to go on, in one sentence, or
/// nothing: a Strava that ignores bounds has no last page.
[[nodiscard]] std::string
reason_to_stop(const jobs::v1::ListPosition& at, const run_limits& limits);

} // namespace stravasync
