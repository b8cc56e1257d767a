#pragma once

#include "actors/ports/entities.hpp"
#include "adapters/sql/description.hpp"

/// @file
/// Every entity of the store as a table, once for all dialects. Column order is
/// the order in statements; `adapters/sql/migrations` creates the tables.

namespace stravasync::sql {

template <>
struct entity<athlete> {
  static constexpr auto rules
    = table_rules{.name = "athlete", .key = {"id"}, .order = {"id"}};
  static constexpr auto columns = std::tuple{
    column{"id", &athlete::id},
    column{"name", &athlete::name},
    column{"username", &athlete::username},
    column{"city", &athlete::city},
    column{"country", &athlete::country},
    column{"profile_url", &athlete::profile_url},
    column{"scope", &athlete::scope},
    column{"strava_created_at_ms", &athlete::strava_created_at_ms},
    column{"connected_at_ms", &athlete::connected_at_ms},
    column{"newest_start_ms", &athlete::newest_start_ms},
    column{"raw", &athlete::raw, string_kind::verbatim},
  };
};

template <>
struct entity<credential> {
  static constexpr auto rules = table_rules{.name = "credential",
                                            .key = {"athlete_id"},
                                            .order = {"athlete_id"},
                                            .version = "version"};
  static constexpr auto columns = std::tuple{
    column{"athlete_id", &credential::athlete_id},
    column{"access_token", &credential::access_token, string_kind::bytes},
    column{"refresh_token", &credential::refresh_token, string_kind::bytes},
    column{"expires_at_ms", &credential::expires_at_ms},
    column{"version", &credential::version},
    column{"revoked", &credential::revoked},
  };
};

template <>
struct entity<activity> {
  static constexpr auto rules = table_rules{.name = "activity",
                                            .key = {"id"},
                                            .order = {"start_at_ms", "id"},
                                            .descending = true,
                                            .guard = "fetched_at_ms",
                                            .tombstone = "deleted_at_ms",
                                            .owner = "athlete_id"};
  static constexpr auto columns = std::tuple{
    column{"id", &activity::id},
    column{"athlete_id", &activity::athlete_id},
    column{"name", &activity::name},
    column{"sport_type", &activity::sport_type},
    column{"start_at_ms", &activity::start_at_ms},
    column{"start_local_at_ms", &activity::start_local_at_ms},
    column{"timezone", &activity::timezone},
    column{"utc_offset_s", &activity::utc_offset_s},
    column{"distance_m", &activity::distance_m},
    column{"moving_time_s", &activity::moving_time_s},
    column{"elapsed_time_s", &activity::elapsed_time_s},
    column{"total_elevation_gain_m", &activity::total_elevation_gain_m},
    column{"visibility", &activity::visibility},
    column{"manual", &activity::manual},
    column{"trainer", &activity::trainer},
    column{"commute", &activity::commute},
    column{"gear_id", &activity::gear_id},
    column{"device_name", &activity::device_name},
    column{"summary_polyline", &activity::summary_polyline},
    column{"average_speed_mps", &activity::average_speed_mps},
    column{"max_speed_mps", &activity::max_speed_mps},
    column{"average_heartrate_bpm", &activity::average_heartrate_bpm},
    column{"max_heartrate_bpm", &activity::max_heartrate_bpm},
    column{"average_cadence_rpm", &activity::average_cadence_rpm},
    column{"average_watts", &activity::average_watts},
    column{"fetched_at_ms", &activity::fetched_at_ms},
    column{"deleted_at_ms", &activity::deleted_at_ms},
    column{"raw", &activity::raw, string_kind::verbatim},
  };
};

template <>
struct entity<absence> {
  static constexpr auto rules = table_rules{
    .name = "absence", .key = {"activity_id"}, .order = {"activity_id"}};
  static constexpr auto columns = std::tuple{
    column{"activity_id", &absence::activity_id},
    column{"athlete_id", &absence::athlete_id},
    column{"kind", &absence::kind},
    column{"since_ms", &absence::since_ms},
  };
};

template <>
struct entity<sync_run> {
  static constexpr auto rules = table_rules{.name = "sync_run",
                                            .key = {"id"},
                                            .order = {"started_at_ms", "id"},
                                            .descending = true};
  static constexpr auto columns = std::tuple{
    column{"id", &sync_run::id},
    column{"athlete_id", &sync_run::athlete_id},
    column{"mode", &sync_run::mode},
    column{"state", &sync_run::state},
    column{"reason", &sync_run::reason},
    column{"started_at_ms", &sync_run::started_at_ms},
    column{"updated_at_ms", &sync_run::updated_at_ms},
    column{"finished_at_ms", &sync_run::finished_at_ms},
    column{"resumes_at_ms", &sync_run::resumes_at_ms},
    column{"pages_stored", &sync_run::pages_stored},
    column{"pages_total", &sync_run::pages_total},
    column{"newest_start_ms", &sync_run::newest_start_ms},
    column{"oldest_start_ms", &sync_run::oldest_start_ms},
    column{"activities_listed", &sync_run::activities_listed},
    column{"first_fetched_at_ms", &sync_run::first_fetched_at_ms},
    column{"next_job", &sync_run::next_job, string_kind::bytes},
    column{"held_at_page", &sync_run::held_at_page},
  };
};

template <>
struct entity<sync_page> {
  static constexpr auto rules = table_rules{.name = "sync_page",
                                            .key = {"run_id", "page_number"},
                                            .order = {"run_id", "page_number"}};
  static constexpr auto columns = std::tuple{
    column{"run_id", &sync_page::run_id},
    column{"page_number", &sync_page::page_number},
    column{"stored_at_ms", &sync_page::stored_at_ms},
  };
};

template <>
struct entity<unread_activity> {
  static constexpr auto rules = table_rules{.name = "unread_activity",
                                            .key = {"athlete_id", "digest"},
                                            .order = {"athlete_id", "digest"}};
  static constexpr auto columns = std::tuple{
    column{"athlete_id", &unread_activity::athlete_id},
    column{"digest", &unread_activity::digest},
    column{"activity_id", &unread_activity::activity_id},
    column{"listed_at_ms", &unread_activity::listed_at_ms},
    column{"redriven_from", &unread_activity::redriven_from},
  };
};

template <>
struct entity<outbox_message> {
  static constexpr auto rules = table_rules{
    .name = "outbox", .key = {"id"}, .order = {"id"}, .generated_key = true};
  static constexpr auto columns = std::tuple{
    column{"id", &outbox_message::id},
    column{"message_id", &outbox_message::message_id},
    column{"subject", &outbox_message::subject},
    column{"headers", &outbox_message::headers},
    column{"payload", &outbox_message::payload, string_kind::bytes},
    column{"created_at_ms", &outbox_message::created_at_ms},
    column{"sent_at_ms", &outbox_message::sent_at_ms},
    column{"sent_sequence", &outbox_message::sent_sequence},
  };
};

static_assert(is_consistent<athlete>());
static_assert(is_consistent<credential>());
static_assert(is_consistent<activity>());
static_assert(is_consistent<absence>());
static_assert(is_consistent<sync_run>());
static_assert(is_consistent<sync_page>());
static_assert(is_consistent<unread_activity>());
static_assert(is_consistent<outbox_message>());

} // namespace stravasync::sql
