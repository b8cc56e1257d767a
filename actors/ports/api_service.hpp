#pragma once

#include "actors/ports/completion.hpp"
#include "actors/ports/readiness.hpp"
#include "messages/activities.pb.h"
#include "messages/athletes.pb.h"
#include "messages/dead_letters.pb.h"
#include "messages/events.pb.h"
#include "messages/operations.pb.h"

#include <cstdint>
#include <functional>
#include <string>

namespace stravasync {

/// What an edge (HTTP, gRPC) may ask, each question a message of package
/// `query.v1`. Thread-safe, never blocks. Errors carry an `ec` code, a
/// sentence, and for `unavailable`/`exhausted` when to try again.
class api_service {
public:
  virtual ~api_service() = default;

  virtual void ask(query::v1::ListAthletes, completion<query::v1::AthleteList>)
    = 0;
  virtual void ask(query::v1::GetAthlete, completion<query::v1::Athlete>) = 0;
  virtual void
    ask(query::v1::DisconnectAthlete, completion<query::v1::Disconnected>)
    = 0;
  virtual void ask(query::v1::BeginConnect, completion<query::v1::ConnectUrl>)
    = 0;
  virtual void ask(query::v1::FinishConnect, completion<query::v1::Athlete>)
    = 0;
  virtual void ask(query::v1::StartSync, completion<events::v1::SyncStatus>)
    = 0;
  virtual void
    ask(query::v1::ConfirmDeletions, completion<events::v1::SyncStatus>)
    = 0;
  virtual void ask(query::v1::GetSync, completion<events::v1::SyncStatus>) = 0;
  virtual void
    ask(query::v1::ListActivities, completion<query::v1::ActivityList>)
    = 0;
  virtual void ask(query::v1::GetActivity, completion<query::v1::Activity>) = 0;
  virtual void ask(query::v1::GetStats, completion<query::v1::Stats>) = 0;
  virtual void ask(query::v1::GetBudget, completion<query::v1::Budget>) = 0;
  virtual void ask(query::v1::ResetBudget, completion<query::v1::Budget>) = 0;
  virtual void ask(query::v1::GetActors, completion<query::v1::ActorTree>) = 0;
  virtual void ask(query::v1::GetStreams, completion<query::v1::StreamList>)
    = 0;
  virtual void ask(query::v1::GetNodes, completion<query::v1::NodeList>) = 0;
  virtual void
    ask(query::v1::ListDeadLetters, completion<query::v1::DeadLetterList>)
    = 0;
  virtual void ask(query::v1::GetDeadLetter, completion<query::v1::DeadLetter>)
    = 0;
  virtual void
    ask(query::v1::RetryDeadLetters, completion<query::v1::DeadLettersSettled>)
    = 0;
  virtual void
    ask(query::v1::DropDeadLetters, completion<query::v1::DeadLettersSettled>)
    = 0;
  virtual void
    ask(query::v1::ListSchedules, completion<query::v1::ScheduleList>)
    = 0;
  virtual void
    ask(query::v1::ListScheduleRuns, completion<query::v1::ScheduleRunList>)
    = 0;
};

/// Something a watching page should hear of.
struct feed_event {
  /// "sync", "athlete_connected", "athlete_disconnected", "guardian".
  std::string kind;
  std::int64_t athlete_id = 0; // 0: none in particular.
  /// Set for "sync".
  events::v1::SyncStatus status;
  std::string text; // Set for "guardian".
};

/// Live events for server-sent event streams. Thread-safe.
class event_feed {
public:
  virtual ~event_feed() = default;

  /// Calls `sink` for each event from now on, on any thread, one at a time,
  /// until `unwatch`. @returns the watch's id.
  virtual std::uint64_t watch(std::function<void(const feed_event&)> sink) = 0;

  /// After it returns, the watch's sink is neither running nor called again.
  virtual void unwatch(std::uint64_t id) = 0;
};

} // namespace stravasync
