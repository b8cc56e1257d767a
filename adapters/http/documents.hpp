#pragma once

#include "actors/ports/api_service.hpp"
#include "messages/activities.pb.h"
#include "messages/athletes.pb.h"
#include "messages/dead_letters.pb.h"
#include "messages/events.pb.h"
#include "messages/jobs.pb.h"
#include "messages/operations.pb.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// What the API answers, as JSON text; `openapi.json` describes each. Times
/// are ISO 8601 in UTC, null where there is none.

namespace stravasync::http {

/// "backfill", "incremental" or "relist"; empty for none.
[[nodiscard]] std::string_view to_word(jobs::v1::SyncMode mode);
[[nodiscard]] std::optional<jobs::v1::SyncMode>
parse_sync_mode(std::string_view word);

[[nodiscard]] std::string to_json(const events::v1::SyncStatus& status);
[[nodiscard]] std::string to_json(const query::v1::Athlete& athlete);
[[nodiscard]] std::string to_json(const query::v1::AthleteList& list);
[[nodiscard]] std::string to_json(const query::v1::Disconnected& what);
[[nodiscard]] std::string to_json(const query::v1::Activity& activity);
[[nodiscard]] std::string to_json(const query::v1::ActivityList& list);
[[nodiscard]] std::string to_json(const query::v1::Stats& stats);
[[nodiscard]] std::string to_json(const query::v1::Budget& budget);
[[nodiscard]] std::string to_json(const query::v1::ActorTree& tree);
[[nodiscard]] std::string to_json(const query::v1::StreamList& list);
[[nodiscard]] std::string to_json(const query::v1::NodeList& list);
[[nodiscard]] std::string to_json(const query::v1::DeadLetter& letter);
[[nodiscard]] std::string to_json(const query::v1::DeadLetterList& list);
[[nodiscard]] std::string to_json(const query::v1::DeadLettersSettled& what);
[[nodiscard]] std::string to_json(const query::v1::ScheduleList& list);
[[nodiscard]] std::string to_json(const query::v1::ScheduleRunList& list);
[[nodiscard]] std::string to_json(const std::vector<readiness>& parts);

/// @returns whether a node with these parts is ready.
[[nodiscard]] bool is_ready(const std::vector<readiness>& parts);

/// The data of a server-sent event: a sync's document with `athlete_id`, or
/// `athlete_id` and `text`.
[[nodiscard]] std::string to_json(const feed_event& event);

} // namespace stravasync::http
