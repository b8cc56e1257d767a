#pragma once

#include "actors/kit/protocol.hpp"
#include "actors/ports/store.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>

#include <cstdint>
#include <functional>
#include <memory>

/// @file
/// The database and the way from it to the bus: STORE SESSION, STORE READERS
/// and OUTBOX RELAY, of the api group.

namespace stravasync {

/// Work for a database transaction, run on the session's thread. `run` must
/// have no effect but through the transaction and what it captured for its own
/// result: it may run twice.
struct store_write {
  std::function<caf::error(transaction&)> run;
  /// What it is about (`store_session::write`): an athlete, `outbox_upkeep`, or
  /// 0 for nothing. Work that waits is run in the order of these.
  std::int64_t athlete_id = 0;
};

struct store_read {
  std::function<caf::error(transaction&)> run;
};

/// One activity by id, without what Strava sent. Sessions answer many of them
/// with one query.
struct read_activity {
  std::int64_t id = 0;
};

/// A stored activity: shared, because a row is large.
using activity_row = std::shared_ptr<const activity>;

/// Says that rows were added to the outbox.
struct outbox_filled {};

/// OUTBOX RELAY to itself.
struct outbox_poll {};

/// The same, when it was another node's turn.
struct outbox_retry {};

/// OUTBOX KEEPER to itself.
struct outbox_look {};

/// A database session on a thread of its own, behind a guardian.
using store_session_actor = kit::protocol<
  // Commits on disk before it replies. Waiting writes share one transaction.
  void(store_write),
  // Waiting reads share one snapshot; each is answered as soon as it is done.
  void(store_read),
  // `not_found` for tombstones too.
  activity_row(read_activity)>;

/// Sessions for reads that may take long, on threads of their own: beside them
/// a session for the others is always free.
using store_readers_actor = kit::protocol<
  // In order, as many at once as there are sessions.
  void(store_read)>;

/// Brings rows of the outbox to the bus, in order.
using outbox_relay_actor
  = kit::protocol<void(outbox_filled), void(outbox_poll), void(outbox_retry)>;

/// Looks after rows of the outbox that were sent.
using outbox_keeper_actor = kit::protocol<void(outbox_look)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::store_write)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::store_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::read_activity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::activity_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::outbox_filled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::outbox_poll)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::outbox_retry)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::outbox_look)
