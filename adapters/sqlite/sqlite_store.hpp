#pragma once

#include "actors/ports/store.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The store in one SQLite file (WAL, every commit synced, foreign keys on).
/// All functions may be called from any thread and block. Sessions of several
/// threads and processes may use one file at once: any number read while one
/// writes.
///
/// Errors of opening, each with a sentence that names the file:
/// `ec::unavailable` (missing, no access, no room, locked too long, damaged),
/// `ec::malformed` (no SQLite database), `ec::conflict` (its schema is newer
/// than this program, lacks migrations, or is another program's).

namespace stravasync::sqlite {

struct options {
  /// The database file; `-wal` and `-shm` files appear beside it.
  std::string path;
  /// Whether a missing file is made (mode 0600) rather than an error. Set it
  /// at start only: a file that vanishes later must not be replaced silently
  /// by an empty one.
  bool create = false;
  /// How long to wait for another writer, 0 to 60 s.
  std::chrono::milliseconds busy_timeout{5'000};
  /// Page cache of one session, used as needed: 4 MiB hold about 1,500
  /// activities; what is not in it costs a system call. A node has several
  /// sessions, and one look through a large table fills what it may have.
  std::uint32_t cache_kib = 4 * 1'024;
};

struct migration_name {
  int version = 0;
  std::string name;

  friend bool operator==(const migration_name&, const migration_name&)
    = default;
};

/// @returns what `migrate` would apply, oldest first; for a missing file
/// everything. Makes no file.
[[nodiscard]] caf::expected<std::vector<migration_name>>
pending_migrations(const options& opts);

/// Checks the file, wholly if it is small (`ec::malformed` if it is damaged),
/// and applies what is pending, each migration in a transaction of its own, and
/// returns what this call applied. Several callers at once are safe: each
/// migration is applied by one of them. If one fails, those before it stay
/// applied and the failed one leaves nothing.
[[nodiscard]] caf::expected<std::vector<migration_name>>
migrate(const options& opts);

/// Opens a session. With `create`, a missing file is made and migrated first;
/// a file that is there has to have every migration already.
///
/// If the file is deleted or replaced while the session is open, each
/// transaction fails with `ec::unavailable`; a write that was under way at that
/// moment may report it although it reached the deleted file.
[[nodiscard]] caf::expected<std::unique_ptr<store_session>>
open_session(const options& opts);

/// Reads a small fact about the database as a whole, such as the fingerprint of
/// the key that its tokens are sealed with.
[[nodiscard]] caf::expected<std::optional<std::string>>
read_setting(const options& opts, std::string_view name);

/// Stores `value` if the setting is not there yet. @returns the value that is
/// there afterwards, so that of two processes that start at once both see what
/// one of them wrote.
[[nodiscard]] caf::expected<std::string>
write_setting_once(const options& opts, std::string_view name,
                   std::string_view value);

/// Stores `value`, whatever was there.
[[nodiscard]] caf::error
write_setting(const options& opts, std::string_view name,
              std::string_view value);

} // namespace stravasync::sqlite
