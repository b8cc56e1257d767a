#pragma once

#include "actors/ports/bus.hpp"
#include "messages/athletes.pb.h"
#include "messages/jobs.pb.h"

#include <cstdint>
#include <string>
#include <vector>

/// @file
/// What consumers have not done yet: pure functions on what the bus tells.

namespace stravasync {

/// The jobs that a durable of JOBS has not settled.
struct job_backlog {
  bool any = false; // Whether there is one at all.
  std::uint64_t settled_to = 0;
};

/// @param durable Of the consumers. One that there is not has settled nothing.
[[nodiscard]] job_backlog backlog_of(const std::vector<stream_state>& streams,
                                     const std::string& durable);

/// @returns whether the athlete's newest job waits and lists all that `job`
/// would: a run of an earlier slot that consumers have not come to. Not after a
/// day, should what the run fetched have been lost.
/// @param newest_began_ms When the newest run began that the store knows of; 0:
/// none. Its job was come to, and one of an earlier run may have been.
[[nodiscard]] bool
waits_already(const stored_message& newest_job,
              const jobs::v1::SyncAthlete& job, unix_ms newest_began_ms,
              const job_backlog& backlog);

} // namespace stravasync
