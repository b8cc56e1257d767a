#pragma once

#include "actors/ports/entities.hpp"
#include "actors/ports/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// @file
/// Rows with a different value in every column, so that columns that are mixed
/// up show.

namespace stravasync::contract {

inline constexpr auto some_athlete = std::int64_t{70'000'001};

inline athlete make_athlete(std::int64_t id = some_athlete) {
  return {.id = id,
          .name = "Ada \"Gravel\" Löve 🚴",
          .username = "ada",
          .city = "Zürich",
          .country = "Switzerland",
          .profile_url = "https://example.org/a.jpg",
          .scope = "read,activity:read_all",
          .strava_created_at_ms = 1'300'000'000'000,
          .connected_at_ms = 1'700'000'000'001,
          .newest_start_ms = 1'700'000'000'002,
          .raw = R"({"id":1,"name":"\u0000"})"};
}

inline credential make_credential(std::int64_t athlete_id = some_athlete) {
  return {.athlete_id = athlete_id,
          .access_token = std::string{"\x01\x00\xff access", 10},
          .refresh_token = std::string{"\x02\x00\xfe", 3},
          .expires_at_ms = 1'700'000'000'003,
          .version = 1,
          .revoked = false};
}

inline activity
make_activity(std::int64_t id, std::int64_t athlete_id = some_athlete) {
  return {.id = id,
          .athlete_id = athlete_id,
          .name = "Morning ride'); DROP TABLE activity;--",
          .sport_type = "GravelRide",
          .start_at_ms = 1'600'000'000'000,
          .start_local_at_ms = 1'600'007'200'000,
          .timezone = "(GMT+01:00) Europe/Zurich",
          .utc_offset_s = 7'200.5,
          .distance_m = 42'195.1,
          .moving_time_s = 7'000,
          .elapsed_time_s = 7'100,
          .total_elevation_gain_m = 811.2,
          .visibility = "followers_only",
          .manual = true,
          .trainer = false,
          .commute = true,
          .gear_id = "b1",
          .device_name = "Edge",
          .summary_polyline = "_p~iF~ps|U_ulLnnqC",
          .average_speed_mps = 6.01,
          .max_speed_mps = 17.25,
          .average_heartrate_bpm = std::nullopt,
          .max_heartrate_bpm = 188.0,
          .average_cadence_rpm = std::nullopt,
          .average_watts = 0.0,
          .fetched_at_ms = 1'000,
          .deleted_at_ms = std::nullopt,
          .raw = R"({"id":)" + std::to_string(id) + R"(,"x":1.50})"};
}

inline sync_run
make_run(const std::string& id, std::int64_t athlete_id = some_athlete) {
  return {.id = id,
          .athlete_id = athlete_id,
          .mode = 1,
          .state = 2,
          .reason = "out of permits",
          .started_at_ms = 3,
          .updated_at_ms = 4,
          .finished_at_ms = 5,
          .resumes_at_ms = 6,
          .pages_stored = 7,
          .pages_total = 8,
          .newest_start_ms = 9,
          .oldest_start_ms = 10,
          .activities_listed = 11,
          .first_fetched_at_ms = 12,
          .next_job = std::string("\0\x01", 2),
          .held_at_page = 14};
}

inline sync_page make_page(const std::string& run_id, std::int64_t number) {
  return {.run_id = run_id, .page_number = number, .stored_at_ms = 12};
}

inline unread_activity
make_unread(std::int64_t digest, std::int64_t athlete_id = some_athlete) {
  return {.athlete_id = athlete_id,
          .digest = digest,
          .activity_id = 15,
          .listed_at_ms = 16,
          .redriven_from = "17"};
}

inline outbox_message make_message(const std::string& message_id) {
  return {.id = 0,
          .message_id = message_id,
          .subject = "events.athlete_connected.1",
          .headers = "Nats-Msg-Id: 1\nSs-Type: x",
          .payload = std::string{"\x08\x00\xff\x00", 4},
          .created_at_ms = 13,
          .sent_at_ms = 0,
          .sent_sequence = 0};
}

/// Adds an athlete with activities of two sports in some months, one of them
/// deleted and one with what is beyond all that is real.
inline caf::error store_some_activities(transaction& tx) {
  auto rows = std::vector<activity>{};
  for (auto id = 1; id <= 20; ++id) {
    auto row = make_activity(id);
    row.sport_type = id % 3 == 0 ? "Run" : "Ride";
    row.start_local_at_ms += id * 700'000'000;
    row.distance_m = id * 1'000.1;
    rows.push_back(row);
  }
  rows[4].deleted_at_ms = 1'000;
  rows[5].distance_m = 1e300;
  rows[5].start_local_at_ms = -1'000'000'000'000'000;
  if (auto made = tx.athletes().create(make_athlete()); !made)
    return made.error();
  auto stored = tx.activities().upsert_many(rows);
  return stored ? caf::error{} : stored.error();
}

} // namespace stravasync::contract
