#include "actors/api/records.hpp"

#include "actors/api/progress.hpp"
#include "actors/api/start_times.hpp"
#include "actors/paging.hpp"
#include "messages/error.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace stravasync {

namespace {

constexpr auto signature_length = std::size_t{24};

std::string header_lines(const header_map& headers) {
  std::string result;
  for (const auto& [name, value] : headers)
    result += name + ": " + value + "\n";
  return result;
}

header_map parse_header_lines(std::string_view lines) {
  header_map result;
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (auto colon = line.find(": "); colon != std::string_view::npos)
      result.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  return result;
}

caf::error bad_cursor() {
  return make_failure(ec::invalid_argument,
                      "cursor: must be a next_cursor of this list, unchanged");
}

const char* mode_word(jobs::v1::SyncMode mode) {
  switch (mode) {
    case jobs::v1::SYNC_MODE_INCREMENTAL:
      return "incremental";
    case jobs::v1::SYNC_MODE_RELIST:
      return "relist";
    default:
      return "backfill";
  }
}

/// @returns whether `run` is a whole history that ended before its end, with
/// pages worth keeping.
bool can_go_on(const sync_run& run) {
  auto state = static_cast<events::v1::SyncState>(run.state);
  return run.mode == jobs::v1::SYNC_MODE_BACKFILL && is_final(state)
         && state != events::v1::SYNC_STATE_COMPLETE && !run.next_job.empty();
}

} // namespace

std::optional<std::int64_t> newest_start_s(const athlete& whose) {
  if (whose.newest_start_ms == 0)
    return std::nullopt;
  return whose.newest_start_ms / ms_per_s;
}

query::v1::Activity to_message(const activity& row) {
  query::v1::Activity result;
  result.set_id(row.id);
  result.set_athlete_id(row.athlete_id);
  result.set_name(row.name);
  result.set_sport_type(row.sport_type);
  result.set_start_at_ms(row.start_at_ms);
  result.set_start_local_at_ms(row.start_local_at_ms);
  result.set_timezone(row.timezone);
  result.set_utc_offset_s(row.utc_offset_s);
  result.set_distance_m(row.distance_m);
  result.set_moving_time_s(row.moving_time_s);
  result.set_elapsed_time_s(row.elapsed_time_s);
  result.set_total_elevation_gain_m(row.total_elevation_gain_m);
  result.set_visibility(row.visibility);
  result.set_manual(row.manual);
  result.set_trainer(row.trainer);
  result.set_commute(row.commute);
  result.set_gear_id(row.gear_id);
  result.set_summary_polyline(row.summary_polyline);
  result.set_device_name(row.device_name);
  result.set_fetched_at_ms(row.fetched_at_ms);
  if (row.average_speed_mps)
    result.set_average_speed_mps(*row.average_speed_mps);
  if (row.max_speed_mps)
    result.set_max_speed_mps(*row.max_speed_mps);
  if (row.average_heartrate_bpm)
    result.set_average_heartrate_bpm(*row.average_heartrate_bpm);
  if (row.max_heartrate_bpm)
    result.set_max_heartrate_bpm(*row.max_heartrate_bpm);
  if (row.average_cadence_rpm)
    result.set_average_cadence_rpm(*row.average_cadence_rpm);
  if (row.average_watts)
    result.set_average_watts(*row.average_watts);
  result.set_raw(row.raw);
  return result;
}

query::v1::Athlete to_message(const athlete& row) {
  query::v1::Athlete result;
  result.set_id(row.id);
  result.set_name(row.name);
  result.set_username(row.username);
  result.set_city(row.city);
  result.set_country(row.country);
  result.set_profile_url(row.profile_url);
  result.set_scope(row.scope);
  result.set_connected_at_ms(row.connected_at_ms);
  result.set_newest_start_ms(row.newest_start_ms);
  return result;
}

caf::error enqueue(transaction& tx, const envelope& message, unix_ms now) {
  outbox_message row;
  row.message_id = message.header_or_empty(header::message_id);
  row.subject = message.subject;
  row.headers = header_lines(message.headers);
  row.payload = message.payload;
  row.created_at_ms = now;
  auto created = tx.outbox().create(row);
  return created ? caf::error{} : created.error();
}

envelope to_envelope(const outbox_message& row) {
  return {row.subject, parse_header_lines(row.headers), row.payload};
}

caf::error no_activity(std::int64_t id) {
  return make_failure(ec::not_found,
                      "there is no activity " + std::to_string(id));
}

caf::expected<athlete> find_athlete(transaction& tx, std::int64_t id) {
  auto found = tx.athletes().get({id});
  if (!found)
    return found.error();
  if (!*found)
    return make_failure(ec::not_found,
                        "there is no athlete " + std::to_string(id));
  return std::move(**found);
}

caf::expected<events::v1::SyncStatus>
find_status(transaction& tx, const athlete& whose, unix_ms now) {
  auto figures = tx.queries().figures_of(std::span{&whose.id, 1});
  if (!figures)
    return figures.error();
  return status_of(whose, figures->front(), now);
}

caf::error describe_athletes(transaction& tx, std::vector<athlete> rows,
                             unix_ms now, query::v1::AthleteList& out) {
  auto ids = std::vector<std::int64_t>{};
  for (const auto& row : rows)
    ids.push_back(row.id);
  auto figures = tx.queries().figures_of(ids);
  if (!figures)
    return figures.error();
  for (auto i = std::size_t{0}; i < rows.size(); ++i) {
    auto& row = rows[i];
    if (auto why = correct_newest(tx, row, now))
      return why;
    auto& described = *out.add_items();
    described = to_message(row);
    *described.mutable_sync() = status_of(row, (*figures)[i], now);
  }
  return {};
}

caf::error announce_progress(transaction& tx, const athlete& whose, unix_ms now,
                             std::string_view occasion) {
  auto status = find_status(tx, whose, now);
  if (!status)
    return status.error();
  events::v1::SyncProgressed fact;
  fact.set_athlete_id(whose.id);
  *fact.mutable_status() = std::move(*status);
  auto id = "progress/" + fact.status().run_id() + "/" + std::string{occasion};
  return enqueue(tx, make_envelope(fact, {.message_id = std::move(id)}), now);
}

caf::error resume_run(transaction& tx, const athlete& whose, sync_run run,
                      const jobs::v1::SyncAthlete& job, unix_ms now) {
  run.state = events::v1::SYNC_STATE_QUEUED;
  run.reason.clear();
  run.finished_at_ms = 0;
  run.resumes_at_ms = 0;
  run.held_at_page = 0;
  run.updated_at_ms = now;
  if (auto why = tx.sync_runs().update(run))
    return why;
  // Not the id of the job that ended: the bus would take it for a repetition.
  auto occasion = "resumed/" + std::to_string(now);
  auto id = page_message_id(run.id, job.page_number()) + "/" + occasion;
  if (auto why = enqueue(tx, make_envelope(job, {.message_id = std::move(id)}),
                         now))
    return why;
  return announce_progress(tx, whose, now, occasion);
}

caf::error
start_run(transaction& tx, athlete whose, const std::optional<sync_run>& newest,
          jobs::v1::SyncMode mode, jobs::v1::Lane lane, unix_ms now,
          std::int64_t overlap_s) {
  if (mode == jobs::v1::SYNC_MODE_BACKFILL && newest && can_go_on(*newest)) {
    jobs::v1::SyncAthlete job;
    if (!job.ParseFromString(newest->next_job))
      return make_failure(ec::internal, "a run's next job cannot be read");
    job.set_lane(lane);
    return resume_run(tx, whose, *newest, job, now);
  }
  if (auto why = correct_newest(tx, whose, now))
    return why;
  auto starts = start_after(tx, newest, now);
  if (!starts)
    return starts.error();
  auto started = *starts;
  sync_run run;
  run.id = std::string{mode_word(mode)} + "-" + std::to_string(whose.id) + "-"
           + std::to_string(started);
  run.athlete_id = whose.id;
  run.mode = mode;
  run.state = events::v1::SYNC_STATE_QUEUED;
  run.started_at_ms = started;
  run.updated_at_ms = now;
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(whose.id);
  job.set_run_id(run.id);
  job.set_mode(mode);
  job.set_lane(lane);
  job.set_page_number(1);
  job.set_run_started_at_ms(started);
  *job.mutable_position() = first_position(mode, newest_start_s(whose),
                                           overlap_s, now / ms_per_s);
  if (auto created = tx.sync_runs().create(run); !created)
    return created.error();
  auto message = make_envelope(job, {.message_id = page_message_id(run.id, 1)});
  if (auto why = enqueue(tx, message, now))
    return why;
  return announce_progress(tx, whose, now, "queued");
}

std::string encode_cursor(const std::vector<column_value>& values,
                          const token_cipher& cipher) {
  if (values.empty())
    return {};
  std::string text;
  for (const auto& value : values) {
    if (!text.empty())
      text += '_';
    text += std::to_string(std::get<std::int64_t>(value));
  }
  return text + "." + cipher.sign("cursor " + text).substr(0, signature_length);
}

caf::expected<std::vector<column_value>>
decode_cursor(std::string_view cursor, std::size_t columns,
              const token_cipher& cipher) {
  std::vector<column_value> values;
  if (cursor.empty())
    return values;
  auto dot = cursor.find('.');
  if (dot == std::string_view::npos)
    return bad_cursor();
  auto text = cursor.substr(0, dot);
  auto signature
    = cipher.sign("cursor " + std::string{text}).substr(0, signature_length);
  if (!same_signature(cursor.substr(dot + 1), signature))
    return bad_cursor();
  while (!text.empty()) {
    auto part = text.substr(0, text.find('_'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    auto number = std::int64_t{0};
    auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(),
                                         number);
    if (failed != std::errc{} || end != part.data() + part.size())
      return bad_cursor();
    values.emplace_back(number);
  }
  if (values.size() != columns)
    return bad_cursor();
  return values;
}

} // namespace stravasync
