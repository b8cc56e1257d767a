#pragma once

#include "actors/ports/store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The store in a PostgreSQL database (12 or newer, encoding UTF8). Writes
/// about one thing (`store_session::write`) come one after the other, see what
/// those before have committed, and are on disk when they return; reads see one
/// snapshot. All functions may be called from any thread and block. Sessions of
/// any number of threads, processes and hosts may use one database at once.
///
/// A pooler in between is found out when connecting: it then may give each
/// transaction another connection of the server, so statements are not
/// prepared there, and settings and locks last as long as a transaction. One
/// that takes no transactions (PgBouncer's pool_mode statement) is refused.
///
/// Errors of all functions, each with a sentence that names the database but
/// never the password: `ec::unavailable` (no answer, refused, shutting down, no
/// room on its disk, no connection left, lost), `ec::invalid_argument` (the URL
/// is none, or the server refuses what it says: user, password, database,
/// encryption), `ec::denied` (the user lacks a right), `ec::conflict` (its
/// schema is newer than this program, lacks migrations, or is another
/// program's).

namespace stravasync::postgres {

class spare_links;

/// @returns a place for connections, without any. Any thread may use it.
[[nodiscard]] std::shared_ptr<spare_links> make_spare_links();

struct options {
  /// `postgresql://user@host:port/database?key=value`, as libpq takes it: with
  /// `host=/folder` for a unix socket, `sslmode`, `sslrootcert` and so on. What
  /// it says goes before the fields below, the password excepted.
  std::string url;
  /// Empty: as the URL, the environment or the password file say.
  std::string password;
  /// For each host of the URL; rounded up to whole seconds, 2 s at least.
  std::chrono::milliseconds connect_timeout{5'000};
  /// The server ends a statement that takes longer; 0: it may take forever.
  std::chrono::milliseconds statement_timeout{30'000};
  /// What the server's lists of connections show.
  std::string application_name = "stravasync";
  /// Where a function leaves the connection that it is done with to the next
  /// one, a session in the end, since making one takes longer than most uses;
  /// null: each makes its own.
  std::shared_ptr<spare_links> spare;
};

struct migration_name {
  int version = 0;
  std::string name;

  friend bool operator==(const migration_name&, const migration_name&)
    = default;
};

/// @returns the URL without password and parameters, for messages; text that
/// is no URL comes back as a fixed phrase.
[[nodiscard]] std::string description_of(const options& opts);

/// @returns what `migrate` would apply, oldest first.
[[nodiscard]] caf::expected<std::vector<migration_name>>
pending_migrations(const options& opts);

/// Applies what is pending, all of it in one transaction, and returns what this
/// call applied. Several callers at once are safe: one works, the others wait
/// for it (5 minutes at most) and find nothing left to do.
[[nodiscard]] caf::expected<std::vector<migration_name>>
migrate(const options& opts);

/// Connects and opens a session; every migration has to be there already.
///
/// A connection that is lost in a read, or in a write before its commit was
/// sent, is made anew once and the work run again. If it is lost while the
/// commit is under way, nobody knows whether it took effect: `ec::unavailable`.
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

} // namespace stravasync::postgres
