#pragma once

#include "actors/kit/protocol.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/store.hpp"
#include "actors/ports/strava_api.hpp"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/query.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

/// @file
/// The interface of every actor in the process, and nothing else; but that of
/// DEAD LETTERS is in `actors/dead_letters_protocol.hpp`. Read this file first:
/// it lists who can be asked what. Protobuf requests may cross a node; the
/// structs below never leave a process. Every request is answered.

namespace stravasync {

/// Work for a database transaction, run on the session's thread. `run` must
/// have no effect but through the transaction and what it captured for its own
/// result: it may run twice.
struct store_write {
  std::function<caf::error(transaction&)> run;
};

struct store_read {
  std::function<caf::error(transaction&)> run;
};

/// One activity by id. Sessions answer many of them with one query.
struct read_activity {
  std::int64_t id = 0;
};

/// A stored activity: shared, because a row is large.
using activity_row = std::shared_ptr<const activity>;

struct exchange_code {
  std::string code;
};

struct refresh_tokens {
  std::string refresh_token;
};

struct deauthorize {
  std::string access_token;
};

/// TOKENS to itself: the store may be back, another node's refresh over.
struct retry_save {
  std::int64_t athlete_id = 0;
};

/// Asks for the right to send one read request to Strava.
struct lease_permit {
  jobs::v1::Lane lane = jobs::v1::LANE_BACKFILL;
};

struct permit {
  std::string id;
};

/// Ends a permit with what came of its request.
struct settle_permit {
  std::string id;
  unix_ms sent_at_ms = 0;
  unix_ms received_at_ms = 0;
  call_report report;
};

/// BUDGET to itself: what could not be written may be written now.
struct budget_tick {};

/// Fetches one page of an athlete's list, with a permit.
struct fetch_page {
  activities_request request;
  jobs::v1::Lane lane = jobs::v1::LANE_BACKFILL;
};

using fetched_page = std::shared_ptr<const activities_response>;

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
};

/// SCHEDULER to itself: looks whether a schedule is due.
struct scheduler_tick {
  std::string schedule;
};

/// LEADER to itself: time to renew the lease, or to see whether it is free.
struct leader_tick {};

/// Publishes a job for every athlete.
struct feed_athletes {
  std::string schedule;
  jobs::v1::SyncMode mode = jobs::v1::SYNC_MODE_INCREMENTAL;
  unix_ms slot_ms = 0;
};

struct fed_athletes {
  std::uint64_t jobs_published = 0;
};

/// Says that rows were added to the outbox.
struct outbox_filled {};

/// Handles the deliveries of one durable: SYNC (jobs, in the consumer group:
/// fetches one page of one athlete per job), INGEST WRITER and RUN KEEPER (in
/// the api group: store what was fetched, and what held a run up).
using delivery_handler_actor
  = kit::protocol<outcome(handle_delivery), void(delivery_buried)>;

/// OPERATIONS to itself: the bus may be back.
struct watch_nodes_again {};

/// OUTBOX RELAY to itself.
struct outbox_poll {};

// --- api: owns the database --------------------------------------------------

/// A database session on a thread of its own, behind a guardian.
using store_session_actor = kit::protocol<
  // Commits on disk before it replies. Waiting writes share one transaction.
  void(store_write),
  // Waiting reads share one snapshot.
  void(store_read),
  // `not_found` for tombstones too.
  activity_row(read_activity)>;

/// Strava's OAuth endpoints, behind a guardian.
using oauth_client_actor
  = kit::protocol<token_grant(exchange_code), token_grant(refresh_tokens),
                  void(deauthorize)>;

/// The only refresher of Strava tokens: one refresh at a time per athlete,
/// stored before use.
using tokens_actor = kit::protocol<
  // `needs_reauth` if Strava refuses, `not_found` for an unknown athlete.
  query::v1::AccessToken(query::v1::LeaseToken), void(retry_save)>;

/// Lets athletes in.
using connect_actor
  = kit::protocol<query::v1::ConnectUrl(query::v1::BeginConnect),
                  // Stores it all in one transaction.
                  query::v1::Athlete(query::v1::FinishConnect)>;

/// Who is connected and how far their history is.
using athletes_actor
  = kit::protocol<query::v1::AthleteList(query::v1::ListAthletes),
                  query::v1::Athlete(query::v1::GetAthlete),
                  query::v1::Disconnected(query::v1::DisconnectAthlete),
                  events::v1::SyncStatus(query::v1::StartSync),
                  events::v1::SyncStatus(query::v1::GetSync)>;

/// Questions about stored activities.
using activities_actor
  = kit::protocol<query::v1::ActivityList(query::v1::ListActivities),
                  query::v1::Activity(query::v1::GetActivity),
                  query::v1::Stats(query::v1::GetStats)>;

/// What operators ask.
using operations_actor
  = kit::protocol<query::v1::Budget(query::v1::GetBudget),
                  query::v1::ActorTree(query::v1::GetActors),
                  query::v1::StreamList(query::v1::GetStreams),
                  query::v1::NodeList(query::v1::GetNodes),
                  void(watch_nodes_again)>;

/// Shows operators the schedules and what became of their runs.
using schedules_actor
  = kit::protocol<query::v1::ScheduleList(query::v1::ListSchedules),
                  // `not_found` for a schedule that never was.
                  query::v1::ScheduleRunList(query::v1::ListScheduleRuns)>;

/// Brings rows of the outbox to the bus, in order.
using outbox_relay_actor
  = kit::protocol<void(outbox_filled), void(outbox_poll)>;

// --- consumer: talks to Strava -----------------------------------------------

/// The ledger of Strava's limits, shared by all nodes.
using budget_actor = kit::protocol<
  // `exhausted` with the time until a permit may be free.
  permit(lease_permit), void(settle_permit), void(budget_tick)>;

/// Strava's API, behind a guardian.
using strava_client_actor = kit::protocol<
  // `exhausted` if there is no permit; else the errors of `strava_api`.
  fetched_page(fetch_page)>;

// --- worker: starts work by the clock ----------------------------------------

using leader_actor = kit::protocol<void(leader_tick)>;

using scheduler_actor = kit::protocol<void(scheduler_tick)>;

using feeder_actor = kit::protocol<
  // Goes on from the schedule's checkpoint if that names the same slot.
  // `conflict` if a run of this schedule is under way, or another node leads.
  fed_athletes(feed_athletes)>;

} // namespace stravasync

// Protobuf types and local structs travel between actors by address. CAF must
// not try to serialize them, nor number them with `add_message_type`.
#define STRAVASYNC_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

STRAVASYNC_MESSAGE(stravasync::store_write)
STRAVASYNC_MESSAGE(stravasync::store_read)
STRAVASYNC_MESSAGE(stravasync::read_activity)
STRAVASYNC_MESSAGE(stravasync::activity_row)
STRAVASYNC_MESSAGE(stravasync::exchange_code)
STRAVASYNC_MESSAGE(stravasync::refresh_tokens)
STRAVASYNC_MESSAGE(stravasync::deauthorize)
STRAVASYNC_MESSAGE(stravasync::token_grant)
STRAVASYNC_MESSAGE(stravasync::retry_save)
STRAVASYNC_MESSAGE(stravasync::lease_permit)
STRAVASYNC_MESSAGE(stravasync::permit)
STRAVASYNC_MESSAGE(stravasync::settle_permit)
STRAVASYNC_MESSAGE(stravasync::budget_tick)
STRAVASYNC_MESSAGE(stravasync::fetch_page)
STRAVASYNC_MESSAGE(stravasync::fetched_page)
STRAVASYNC_MESSAGE(stravasync::handle_delivery)
STRAVASYNC_MESSAGE(stravasync::delivery_buried)
STRAVASYNC_MESSAGE(stravasync::outcome)
STRAVASYNC_MESSAGE(stravasync::scheduler_tick)
STRAVASYNC_MESSAGE(stravasync::leader_tick)
STRAVASYNC_MESSAGE(stravasync::feed_athletes)
STRAVASYNC_MESSAGE(stravasync::fed_athletes)
STRAVASYNC_MESSAGE(stravasync::outbox_filled)
STRAVASYNC_MESSAGE(stravasync::outbox_poll)
STRAVASYNC_MESSAGE(stravasync::watch_nodes_again)
STRAVASYNC_MESSAGE(stravasync::query::v1::LeaseToken)
STRAVASYNC_MESSAGE(stravasync::query::v1::AccessToken)
STRAVASYNC_MESSAGE(stravasync::query::v1::BeginConnect)
STRAVASYNC_MESSAGE(stravasync::query::v1::ConnectUrl)
STRAVASYNC_MESSAGE(stravasync::query::v1::FinishConnect)
STRAVASYNC_MESSAGE(stravasync::query::v1::Athlete)
STRAVASYNC_MESSAGE(stravasync::query::v1::ListAthletes)
STRAVASYNC_MESSAGE(stravasync::query::v1::AthleteList)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetAthlete)
STRAVASYNC_MESSAGE(stravasync::query::v1::DisconnectAthlete)
STRAVASYNC_MESSAGE(stravasync::query::v1::Disconnected)
STRAVASYNC_MESSAGE(stravasync::query::v1::StartSync)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetSync)
STRAVASYNC_MESSAGE(stravasync::events::v1::SyncStatus)
STRAVASYNC_MESSAGE(stravasync::query::v1::ListActivities)
STRAVASYNC_MESSAGE(stravasync::query::v1::ActivityList)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetActivity)
STRAVASYNC_MESSAGE(stravasync::query::v1::Activity)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetStats)
STRAVASYNC_MESSAGE(stravasync::query::v1::Stats)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetBudget)
STRAVASYNC_MESSAGE(stravasync::query::v1::Budget)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetActors)
STRAVASYNC_MESSAGE(stravasync::query::v1::ActorTree)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetStreams)
STRAVASYNC_MESSAGE(stravasync::query::v1::StreamList)
STRAVASYNC_MESSAGE(stravasync::query::v1::GetNodes)
STRAVASYNC_MESSAGE(stravasync::query::v1::NodeList)
STRAVASYNC_MESSAGE(stravasync::query::v1::ListSchedules)
STRAVASYNC_MESSAGE(stravasync::query::v1::ScheduleList)
STRAVASYNC_MESSAGE(stravasync::query::v1::ListScheduleRuns)
STRAVASYNC_MESSAGE(stravasync::query::v1::ScheduleRunList)

#undef STRAVASYNC_MESSAGE
