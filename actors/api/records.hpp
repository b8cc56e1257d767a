#pragma once

#include "actors/ports/store.hpp"
#include "actors/ports/token_cipher.hpp"
#include "messages/activities.pb.h"
#include "messages/athletes.pb.h"
#include "messages/contracts.hpp"
#include "messages/events.pb.h"

#include <caf/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Between rows and messages: what several actors of the api group do inside
/// their transactions.

namespace stravasync {

[[nodiscard]] query::v1::Activity to_message(const activity& row);
[[nodiscard]] query::v1::Athlete to_message(const athlete& row);

/// Adds `message` to the outbox: it reaches the bus if this transaction
/// commits, and only then.
[[nodiscard]] caf::error
enqueue(transaction& tx, const envelope& message, unix_ms now);

/// @returns the message an outbox row holds.
[[nodiscard]] envelope to_envelope(const outbox_message& row);

/// Says that there is none, or a tombstone.
[[nodiscard]] caf::error no_activity(std::int64_t id);

/// The athlete, or `ec::not_found`.
[[nodiscard]] caf::expected<athlete>
find_athlete(transaction& tx, std::int64_t id);

/// The athlete's progress as of now.
[[nodiscard]] caf::expected<events::v1::SyncStatus>
find_status(transaction& tx, const athlete& whose, unix_ms now);

/// Adds each athlete, with the progress as of now, to `out`. In as many
/// statements for many as for one, but for those whose newest activity a wrong
/// clock has put into the future.
[[nodiscard]] caf::error
describe_athletes(transaction& tx, std::vector<athlete> rows, unix_ms now,
                  query::v1::AthleteList& out);

/// Adds the progress as of now to the outbox, for whoever watches.
[[nodiscard]] caf::error
announce_progress(transaction& tx, const athlete& whose, unix_ms now,
                  std::string_view occasion);

/// @returns the start of the newest activity stored, if there is one.
[[nodiscard]] std::optional<std::int64_t> newest_start_s(const athlete& whose);

/// Lets `run` go on with `job`, which is put into the outbox.
[[nodiscard]] caf::error
resume_run(transaction& tx, const athlete& whose, sync_run run,
           const jobs::v1::SyncAthlete& job, unix_ms now);

/// Stores a run that waits for its first job, and puts the job into the outbox.
/// A backfill goes on where `newest`, the athlete's newest run, ended if that
/// is a backfill which did not reach its end: pages cost calls.
[[nodiscard]] caf::error
start_run(transaction& tx, athlete whose, const std::optional<sync_run>& newest,
          jobs::v1::SyncMode mode, jobs::v1::Lane lane, unix_ms now,
          std::int64_t overlap_s);

/// @returns a cursor for a browser: the order values, signed so that a
/// tampered one is refused. Empty for no values. Integers only.
[[nodiscard]] std::string encode_cursor(const std::vector<column_value>& values,
                                        const token_cipher& cipher);

/// Fails with `ec::invalid_argument`, naming the field `cursor`.
[[nodiscard]] caf::expected<std::vector<column_value>>
decode_cursor(std::string_view cursor, std::size_t columns,
              const token_cipher& cipher);

} // namespace stravasync
