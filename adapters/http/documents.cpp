#include "adapters/http/documents.hpp"

#include "adapters/http/json_text.hpp"

#include <algorithm>

namespace stravasync::http {

namespace {

using events::v1::SyncState;
using jobs::v1::SyncMode;

/// Writes `[...]`, each item by `write(item)`.
template <class Items, class Write>
void append_array(std::string& out, const Items& items, Write write) {
  out += '[';
  auto separator = std::string_view{};
  for (const auto& item : items) {
    out += separator;
    separator = ",";
    write(item);
  }
  out += ']';
}

template <class Items>
void append_texts(std::string& out, const Items& items) {
  append_array(out, items,
               [&](const auto& text) { append_json_string(out, text); });
}

std::string_view state_word(SyncState state) {
  switch (state) {
    case events::v1::SYNC_STATE_RUNNING:
      return "running";
    case events::v1::SYNC_STATE_WAITING:
      return "waiting";
    case events::v1::SYNC_STATE_COMPLETE:
      return "complete";
    case events::v1::SYNC_STATE_FAILED:
      return "failed";
    case events::v1::SYNC_STATE_NEEDS_REAUTH:
      return "needs_reauth";
    // Connected and no run yet: its job is on its way.
    default:
      return "queued";
  }
}

void write_missing(json_object& document,
                   const events::v1::SyncStatus& status) {
  if (status.missing_activities() == 0) {
    document.null("missing");
  } else {
    json_object missing{document.value_of("missing")};
    missing.number("activities", status.missing_activities())
      .time("since", status.missing_since_ms())
      .flag("doubted", status.missing_doubted());
  }
  document.number("hidden_activities", status.hidden_activities());
}

void write(json_object& document, const events::v1::SyncStatus& status) {
  document.text("state", state_word(status.state()))
    .number("activities_stored", status.activities_stored());
  if (status.expected() > 0)
    document.number("expected", status.expected());
  else
    document.null("expected");
  document.time_or_null("resumes_at", status.resumes_at_ms());
  if (status.eta_s() >= 0)
    document.number("eta_s", status.eta_s());
  else
    document.null("eta_s");
  document.text_or_null("mode", to_word(status.mode()))
    .text_or_null("run_id", status.run_id())
    .text_or_null("reason", status.reason())
    .number("pages_stored", status.pages_stored())
    .time_or_null("started_at", status.started_at_ms())
    .time_or_null("updated_at", status.updated_at_ms())
    .time_or_null("finished_at", status.finished_at_ms())
    .number("failed", status.failed());
  append_texts(document.value_of("missing_scopes"), status.missing_scopes());
  write_missing(document, status);
}

void append(std::string& out, const query::v1::Athlete& athlete) {
  json_object document{out};
  document.number("id", athlete.id())
    .text("name", athlete.name())
    .text_or_null("username", athlete.username())
    .text_or_null("city", athlete.city())
    .text_or_null("country", athlete.country())
    .text_or_null("profile_url", athlete.profile_url())
    .text("scope", athlete.scope())
    .time_or_null("connected_at", athlete.connected_at_ms())
    .time_or_null("newest_start_date", athlete.newest_start_ms());
  if (athlete.has_sync())
    document.value_of("sync") += to_json(athlete.sync());
  else
    document.null("sync");
}

/// Only what a sport's device measured is there at all.
void write_measured(json_object& document, const query::v1::Activity& from) {
  auto number = [&](std::string_view name, bool has, double value) {
    if (has)
      document.number(name, value);
    else
      document.null(name);
  };
  number("average_speed_mps", from.has_average_speed_mps(),
         from.average_speed_mps());
  number("max_speed_mps", from.has_max_speed_mps(), from.max_speed_mps());
  number("average_heartrate_bpm", from.has_average_heartrate_bpm(),
         from.average_heartrate_bpm());
  number("max_heartrate_bpm", from.has_max_heartrate_bpm(),
         from.max_heartrate_bpm());
  number("average_cadence_rpm", from.has_average_cadence_rpm(),
         from.average_cadence_rpm());
  number("average_watts", from.has_average_watts(), from.average_watts());
}

void append(std::string& out, const query::v1::Activity& activity) {
  json_object document{out};
  document.number("id", activity.id())
    .number("athlete_id", activity.athlete_id())
    .text("name", activity.name())
    .text("sport_type", activity.sport_type())
    .time("start_date", activity.start_at_ms())
    .time("start_date_local", activity.start_local_at_ms())
    .text_or_null("timezone", activity.timezone())
    .number("utc_offset_s", activity.utc_offset_s())
    .number("distance_m", activity.distance_m())
    .number("moving_time_s", activity.moving_time_s())
    .number("elapsed_time_s", activity.elapsed_time_s())
    .number("total_elevation_gain_m", activity.total_elevation_gain_m())
    .text_or_null("visibility", activity.visibility())
    .flag("manual", activity.manual())
    .flag("trainer", activity.trainer())
    .flag("commute", activity.commute())
    .text_or_null("gear_id", activity.gear_id())
    .text_or_null("summary_polyline", activity.summary_polyline());
  write_measured(document, activity);
  document.text_or_null("device_name", activity.device_name())
    .time_or_null("fetched_at", activity.fetched_at_ms());
  // It is JSON already, and is to stay as it came.
  if (!activity.raw().empty())
    document.value_of("raw") += activity.raw();
}

void append(std::string& out, const query::v1::Stats::Total& total) {
  json_object document{out};
  if (!total.month().empty())
    document.text("month", total.month());
  document.text("sport_type", total.sport_type())
    .number("count", total.count())
    .number("distance_m", total.distance_m())
    .number("moving_time_s", total.moving_time_s())
    .number("elevation_gain_m", total.elevation_gain_m());
}

/// A page of a list.
template <class Items>
std::string list_document(const Items& items, std::string_view next_cursor) {
  std::string out;
  {
    json_object document{out};
    append_array(document.value_of("items"), items,
                 [&out](const auto& item) { append(out, item); });
    document.text_or_null("next_cursor", next_cursor);
  }
  return out;
}

} // namespace

std::string_view to_word(SyncMode mode) {
  switch (mode) {
    case jobs::v1::SYNC_MODE_BACKFILL:
      return "backfill";
    case jobs::v1::SYNC_MODE_INCREMENTAL:
      return "incremental";
    case jobs::v1::SYNC_MODE_RELIST:
      return "relist";
    default:
      return {};
  }
}

std::optional<SyncMode> parse_sync_mode(std::string_view word) {
  for (auto mode :
       {jobs::v1::SYNC_MODE_BACKFILL, jobs::v1::SYNC_MODE_INCREMENTAL,
        jobs::v1::SYNC_MODE_RELIST})
    if (to_word(mode) == word)
      return mode;
  return std::nullopt;
}

std::string to_json(const events::v1::SyncStatus& status) {
  std::string out;
  {
    json_object document{out};
    write(document, status);
  }
  return out;
}

std::string to_json(const feed_event& event) {
  std::string out;
  {
    json_object document{out};
    if (event.athlete_id != 0)
      document.number("athlete_id", event.athlete_id);
    if (event.kind == "sync")
      write(document, event.status);
    else if (!event.text.empty())
      document.text("text", event.text);
  }
  return out;
}

std::string to_json(const query::v1::Athlete& athlete) {
  std::string out;
  append(out, athlete);
  return out;
}

std::string to_json(const query::v1::AthleteList& list) {
  return list_document(list.items(), list.next_cursor());
}

std::string to_json(const query::v1::ActivityList& list) {
  return list_document(list.items(), list.next_cursor());
}

std::string to_json(const query::v1::Disconnected& what) {
  std::string out;
  json_object{out}.number("activities_deleted", what.activities_deleted());
  return out;
}

std::string to_json(const query::v1::Activity& activity) {
  std::string out;
  out.reserve(768 + activity.summary_polyline().size() + activity.raw().size());
  append(out, activity);
  return out;
}

std::string to_json(const query::v1::Stats& stats) {
  std::string out;
  {
    json_object document{out};
    auto totals = [&](std::string_view name, const auto& list) {
      append_array(document.value_of(name), list,
                   [&](const auto& total) { append(out, total); });
    };
    totals("totals", stats.totals());
    totals("months", stats.months());
  }
  return out;
}

} // namespace stravasync::http
