#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/store.hpp"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// @file
/// Whether anything still moves a run that has not ended. A run lives in the
/// database, what moves it in the streams, and streams can be lost without it:
/// a volume that was forgotten, a purge, an age limit.

namespace stravasync {

/// How far the durables that move runs are, read before anything else: what
/// they had not settled then counts as under way.
struct run_movers {
  std::uint64_t jobs_settled_to = 0;
  /// Jobs after it were not delivered yet.
  std::uint64_t jobs_delivered_to = 0;
  /// Of those delivered, so many are not settled.
  std::uint64_t jobs_unsettled = 0;
  std::uint64_t pages_settled_to = 0;
  /// Whether consumers said something of a run that is not written down yet.
  bool words_wait = false;
  /// Of stream JOBS.
  std::uint64_t first_job = 0;
  std::uint64_t last_job = 0;
};

/// @param jobs, pages, words Names of the durables. One that is not there has
/// settled nothing.
[[nodiscard]] run_movers
movers_of(const std::vector<stream_state>& streams, const std::string& jobs,
          const std::string& pages, const std::string& words);

/// What the streams have of one run.
struct run_traces {
  /// Sequence of the job of its furthest page in JOBS; 0: none.
  std::uint64_t job = 0;
  /// Its newest page in INGEST; 0: none.
  std::uint64_t page = 0;
  std::uint32_t page_number = 0;
};

/// @returns the subject of all jobs of an athlete, and of all pages of a run.
[[nodiscard]] std::string job_subject(std::int64_t athlete_id);
[[nodiscard]] std::string page_subject(const sync_run& run);

[[nodiscard]] bool is_job_of(const stored_message& what, const sync_run& run);

/// @returns what to read to find the run's jobs among those of other runs.
[[nodiscard]] read_options jobs_about(const sync_run& run);

/// How long nothing must have been heard of a run, by the clock of whoever
/// asks, before what may be under way is taken for gone.
struct run_patience {
  unix_ms now = 0;
  milliseconds quiet{0};
};

/// @returns whether a job of the run waits for its turn or is worked on. One
/// job that waits holds the durable's mark back, for a day perhaps, and others
/// above the mark are settled meanwhile: if those cannot be told apart, a run
/// is believed until it was quiet for long after the time it announced.
/// @param job Its sequence.
[[nodiscard]] bool
job_waits(const sync_run& run, std::uint64_t job, const run_movers& movers,
          const run_patience& patience);

enum class run_verdict : std::uint8_t {
  goes_on,
  /// Nothing moves it, and its row says where it goes on.
  lost,
  /// Nothing moves it, and a page is missing of which nothing is known but
  /// that it was fetched: it cannot become complete.
  torn,
};

[[nodiscard]] run_verdict
judge_run(const sync_run& run, const run_traces& traces,
          const run_movers& movers, const run_patience& patience);

/// @returns whether this may be judged now: it has not ended and was not
/// touched for `quiet`, or by a clock that is further ahead than that.
[[nodiscard]] bool
is_still(const sync_run& run, unix_ms now, milliseconds quiet);

/// @returns the job to go on with; none if the row does not tell.
[[nodiscard]] std::optional<jobs::v1::SyncAthlete>
next_job_of(const sync_run& run, const athlete& whose, std::int64_t overlap_s,
            unix_ms now);

/// Does what `verdict` says, unless the run was touched since it was read as
/// `judged`. Doing it again changes nothing.
/// @returns whether anything was done.
[[nodiscard]] caf::expected<bool>
mend_run(transaction& tx, const sync_run& judged, run_verdict verdict,
         unix_ms now, std::int64_t overlap_s);

} // namespace stravasync
