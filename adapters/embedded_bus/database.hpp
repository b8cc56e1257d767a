#pragma once

#include "messages/error.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <caf/expected.hpp>
#include <sys/types.h>

#include <memory>
#include <string>

namespace stravasync::embedded_bus {

/// The open database file, with the schema in place. Functions without an error
/// result throw SQLite::Exception, see `failure_of`.
class database {
public:
  /// How much of a file that is there is looked at before it is used.
  enum class inspection { none, bounded };

  /// A new file can be read by its owner only.
  /// @returns an error as `embedded_bus::open` says.
  static caf::expected<std::unique_ptr<database>>
  open(const std::string& path, inspection how);

  ~database();

  database(const database&) = delete;
  database& operator=(const database&) = delete;

  [[nodiscard]] SQLite::Database& connection() {
    return connection_;
  }

  void begin();
  void commit();

  /// Ends a transaction, if one is open, without effect. Does not throw.
  void rollback();

  /// @returns whether the open files are those that the path names: SQLite
  /// itself goes on writing into deleted files.
  [[nodiscard]] bool in_place() const;

  /// Rows changed since it was opened.
  [[nodiscard]] int changes() const {
    return connection_.getTotalChanges();
  }

  /// Leaves the files as they are when closing: they are damaged, or no longer
  /// ours. It is so until `trust`.
  void abandon();

  /// What was read makes sense: closing brings the file up to date.
  void trust();

private:
  struct file_identity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const file_identity&) const = default;
  };

  explicit database(const std::string& path);
  void prepare();
  [[nodiscard]] file_identity identity_of(const char* suffix) const;

  std::string path_;
  SQLite::Database connection_;
  file_identity main_;
  file_identity wal_;
  std::unique_ptr<SQLite::Statement> begin_;
  std::unique_ptr<SQLite::Statement> commit_;
};

/// @returns what a file that cannot be used at the start is refused with:
/// `ec::malformed` and what to do if it is damaged, which waiting does not
/// mend, else `ec::unavailable`.
[[nodiscard]] caf::error
start_failure(const SQLite::Exception& exception, const std::string& path);

/// @returns `ec::full` if the disk or a quota has no room, else
/// `ec::unavailable`, with SQLite's message.
[[nodiscard]] caf::error
failure_of(const SQLite::Exception& exception, database& db);

} // namespace stravasync::embedded_bus
