#pragma once

#include "actors/ports/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// @file
/// The rows of the store. Their columns are described once, in
/// `adapters/sql/entities.hpp`, for every dialect.

namespace stravasync {

struct athlete {
  std::int64_t id = 0; // Strava's.
  std::string name;
  std::string username;
  std::string city;
  std::string country;
  std::string profile_url;
  std::string scope; // Granted, comma separated.
  unix_ms strava_created_at_ms = 0;
  unix_ms connected_at_ms = 0;
  /// Of the activities stored, those that were in the future when fetched
  /// aside; 0: none.
  unix_ms newest_start_ms = 0;
  std::string raw; // SummaryAthlete as it came.

  friend bool operator==(const athlete&, const athlete&) = default;
};

/// The tokens of one athlete, sealed (see `ports/token_cipher.hpp`).
struct credential {
  std::int64_t athlete_id = 0; // References athlete, deleted with it.
  std::string access_token;    // Sealed bytes.
  std::string refresh_token;   // Sealed bytes.
  unix_ms expires_at_ms = 0;
  std::int64_t version = 1; // Grows with each write: compare and swap.
  /// Strava refused the refresh token: only a new consent helps.
  bool revoked = false;

  friend bool operator==(const credential&, const credential&) = default;
};

struct activity {
  std::int64_t id = 0;         // Strava's.
  std::int64_t athlete_id = 0; // References athlete, deleted with it.
  std::string name;
  std::string sport_type; // Any text: the list of types grows.
  unix_ms start_at_ms = 0;
  unix_ms start_local_at_ms = 0; // Wall clock there, as if it were UTC.
  std::string timezone;
  double utc_offset_s = 0;
  double distance_m = 0;
  std::int64_t moving_time_s = 0;
  std::int64_t elapsed_time_s = 0;
  double total_elevation_gain_m = 0;
  std::string visibility;
  bool manual = false;
  bool trainer = false;
  bool commute = false;
  std::string gear_id; // Empty: none.
  std::string device_name;
  std::string summary_polyline; // Google encoded, precision 5; empty: none.
  std::optional<double> average_speed_mps;
  std::optional<double> max_speed_mps;
  std::optional<double> average_heartrate_bpm;
  std::optional<double> max_heartrate_bpm;
  std::optional<double> average_cadence_rpm;
  std::optional<double> average_watts;
  /// When Strava answered with this state: an older answer never overwrites.
  unix_ms fetched_at_ms = 0;
  /// Gone at Strava since; kept as a tombstone and shown nowhere.
  std::optional<std::int64_t> deleted_at_ms;
  std::string raw; // Strava's JSON, byte for byte.

  friend bool operator==(const activity&, const activity&) = default;
};

/// Why an activity that Strava's list lacks is kept.
enum class absence_kind : std::int64_t {
  unseen = 1,  // One list lacked it: a second one decides.
  doubted = 2, // A list cannot be believed: a person has to say yes.
  hidden = 3,  // It is private and Strava may not show it to us.
};

/// A live activity that the last whole list of its athlete lacked. It ends when
/// the activity is seen again or deleted.
struct absence {
  std::int64_t activity_id = 0; // References activity, deleted with it.
  std::int64_t athlete_id = 0;  // References athlete, deleted with it.
  std::int64_t kind = 0;        // absence_kind
  /// `fetched_at_ms` of the first list that lacked it.
  unix_ms since_ms = 0;

  friend bool operator==(const absence&, const absence&) = default;
};

/// One run of a sync of one athlete.
struct sync_run {
  std::string id;
  std::int64_t athlete_id = 0; // References athlete, deleted with it.
  std::int64_t mode = 0;       // jobs.v1.SyncMode
  std::int64_t state = 0;      // events.v1.SyncState
  std::string reason;          // Why it waits or ended badly.
  unix_ms started_at_ms = 0;
  unix_ms updated_at_ms = 0;
  unix_ms finished_at_ms = 0; // 0: it goes on.
  unix_ms resumes_at_ms = 0;  // 0: not waiting.
  std::int64_t pages_stored = 0;
  std::int64_t pages_total = 0; // 0: unknown until the last page came.
  /// Start times of the newest activity this run listed (those in the future
  /// aside) and of the oldest. They mean something if `activities_listed` does.
  unix_ms newest_start_ms = 0;
  unix_ms oldest_start_ms = 0;
  std::int64_t activities_listed = 0;
  /// The earliest `fetched_at_ms` of its pages: what a finished re-list saw was
  /// fetched then or later. 0: no page yet.
  unix_ms first_fetched_at_ms = 0;
  /// The SyncAthlete that follows the page stored last (bytes): where a run
  /// that ended badly goes on. Empty: no page yet, or none follows.
  std::string next_job;
  /// The page whose job was held up last; pages before it do not set the run
  /// going again. 0: none.
  std::int64_t held_at_page = 0;

  friend bool operator==(const sync_run&, const sync_run&) = default;
};

/// A page that a run has stored: makes storing it again a no-op.
struct sync_page {
  std::string run_id; // References sync_run, deleted with it.
  std::int64_t page_number = 0;
  unix_ms stored_at_ms = 0;

  friend bool operator==(const sync_page&, const sync_page&) = default;
};

/// An element of an athlete's list that cannot be read and has a dead letter.
struct unread_activity {
  std::int64_t athlete_id = 0;  // References athlete, deleted with it.
  std::int64_t digest = 0;      // Of its bytes.
  std::int64_t activity_id = 0; // 0: unknown.
  unix_ms listed_at_ms = 0;     // When Strava listed it last.
  /// The dead letter that was sent again last, and failed again. Empty: none.
  std::string redriven_from;

  friend bool operator==(const unread_activity&, const unread_activity&)
    = default;
};

/// A message that must reach the bus because its transaction committed.
struct outbox_message {
  std::int64_t id = 0;    // Given by the store, grows.
  std::string message_id; // `Nats-Msg-Id`.
  std::string subject;
  std::string headers; // As `name: value` lines.
  std::string payload; // Bytes.
  unix_ms created_at_ms = 0;
  /// When the bus acked it; kept a while, since an ack can be lost with a
  /// broker's disk cache. 0: not yet.
  unix_ms sent_at_ms = 0;
  /// In its stream, by that ack; 0: not known. The last row of those sent
  /// together has it, of each stream.
  std::int64_t sent_sequence = 0;

  friend bool operator==(const outbox_message&, const outbox_message&)
    = default;
};

} // namespace stravasync
