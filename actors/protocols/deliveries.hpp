#pragma once

#include "actors/kit/protocol.hpp"
#include "actors/ports/bus.hpp"
#include "messages/contracts.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

/// @file
/// Whoever handles what a durable delivers, in any group.

namespace stravasync {

/// One delivery of a job, undecoded.
struct handle_delivery {
  std::shared_ptr<const delivery> what;
};

/// Tells the handler that a delivery became a dead letter.
struct delivery_buried {
  std::shared_ptr<const delivery> what;
  std::string reason;
};

/// What a source must tell the bus about a delivery. Failure is part of the
/// protocol: a handler replies an outcome, never an error.
struct outcome {
  enum class verdict : std::uint8_t {
    ack,         // Done, now or on an earlier delivery.
    retry,       // Failed: an attempt is used up; again after `delay`.
    snooze,      // Not its fault and no attempt: again after `delay`.
    dead_letter, // Failed for good: kept in DLQ with `reason`.
  };
  verdict decision = verdict::ack;
  std::chrono::milliseconds delay{0};
  std::string reason;
  /// Headers for the dead letter that may come of it: what could not be read.
  header_map kept;
};

/// Handles the deliveries of one durable: SYNC (jobs, in the consumer group:
/// fetches one page of one athlete per job), INGEST WRITER and RUN KEEPER (in
/// the api group: store what was fetched, and what held a run up).
using delivery_handler_actor
  = kit::protocol<outcome(handle_delivery), void(delivery_buried)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::handle_delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::delivery_buried)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::outcome)
