#pragma once

#include "actors/kit/protocol.hpp"
#include "messages/dead_letters.pb.h"
#include "messages/operations.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

/// @file
/// What operators ask: OPERATIONS, SCHEDULES, DEAD LETTERS and CLUSTER FIGURES,
/// of the api group.

namespace stravasync {

/// OPERATIONS to itself: the bus may be back.
struct watch_nodes_again {};

/// How the nodes, their actors, the streams and the budget are.
using operations_actor
  = kit::protocol<query::v1::Budget(query::v1::GetBudget),
                  query::v1::Budget(query::v1::ResetBudget),
                  query::v1::ActorTree(query::v1::GetActors),
                  query::v1::StreamList(query::v1::GetStreams),
                  query::v1::NodeList(query::v1::GetNodes),
                  void(watch_nodes_again)>;

/// Shows the schedules and what became of their runs.
using schedules_actor
  = kit::protocol<query::v1::ScheduleList(query::v1::ListSchedules),
                  // `not_found` for a schedule that never was.
                  query::v1::ScheduleRunList(query::v1::ListScheduleRuns)>;

/// What durables gave up on: shown, sent again, dropped.
using dead_letters_actor
  = kit::protocol<query::v1::DeadLetterList(query::v1::ListDeadLetters),
                  query::v1::DeadLetter(query::v1::GetDeadLetter),
                  query::v1::DeadLettersSettled(query::v1::RetryDeadLetters),
                  query::v1::DeadLettersSettled(query::v1::DropDeadLetters)>;

/// What a scrape of this node shall tell of all nodes together.
struct look_at_cluster {};

/// The last known state of what the nodes share.
struct cluster_figures {
  /// Whether all of it was answered when last asked for, and in time.
  bool answers = false;
  /// Since it was answered; none if it never was, and then the rest is empty.
  std::optional<std::chrono::milliseconds> age;
  query::v1::StreamList streams;
  query::v1::Budget budget;
  query::v1::ScheduleList schedules;
  query::v1::NodeList nodes;
};

/// CLUSTER FIGURES to itself: whoever waits is answered with what is known.
struct figures_overdue {
  std::uint64_t round = 0;
};

/// What the nodes share, for scrapes.
using cluster_figures_actor
  = kit::protocol<std::shared_ptr<const cluster_figures>(look_at_cluster),
                  void(figures_overdue)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::watch_nodes_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetBudget)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ResetBudget)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::Budget)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetActors)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ActorTree)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetStreams)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::StreamList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetNodes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::NodeList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ListSchedules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ScheduleList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ListScheduleRuns)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ScheduleRunList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ListDeadLetters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DeadLetterList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetDeadLetter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DeadLetter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::RetryDeadLetters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DropDeadLetters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DeadLettersSettled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::look_at_cluster)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(
  std::shared_ptr<const stravasync::cluster_figures>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::figures_overdue)
