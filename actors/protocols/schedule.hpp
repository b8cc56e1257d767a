#pragma once

#include "actors/kit/protocol.hpp"
#include "actors/ports/clock.hpp"
#include "messages/jobs.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>

/// @file
/// Who starts work by the clock: LEADER, SCHEDULER and FEEDER, of the worker
/// group.

namespace stravasync {

/// LEADER to itself: time to renew the lease, or to see whether it is free.
struct leader_tick {};

/// SCHEDULER to itself: looks whether a schedule is due.
struct scheduler_tick {
  std::string schedule;
};

/// Publishes a job for every athlete.
struct feed_athletes {
  std::string schedule;
  jobs::v1::SyncMode mode = jobs::v1::SYNC_MODE_INCREMENTAL;
  unix_ms slot_ms = 0;
};

struct fed_athletes {
  std::uint64_t jobs_published = 0;
};

using leader_actor = kit::protocol<void(leader_tick)>;

using scheduler_actor = kit::protocol<void(scheduler_tick)>;

using feeder_actor = kit::protocol<
  // Goes on from the schedule's checkpoint if that names the same slot.
  // `conflict` if a run of this schedule is under way, or another node leads.
  fed_athletes(feed_athletes)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::leader_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::scheduler_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::feed_athletes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::fed_athletes)
