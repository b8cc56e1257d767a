#pragma once

#include "adapters/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <memory>
#include <string>
#include <type_traits>

/// @file
/// One open database file, and how SQLite's failures become ours. Private to
/// the adapter.

namespace stravasync::sqlite {

/// @returns our error for what SQLite threw, naming the file.
[[nodiscard]] caf::error
failure_of(const SQLite::Exception& thrown, const std::string& path);

/// @returns `ec::malformed` and what to do about a damaged file. Not for a
/// session at work, whose callers are to try again.
[[nodiscard]] caf::error
damage_failure(const std::string& path, const std::string& finding);

/// Opens the file and sets the connection up; does not look at the schema.
[[nodiscard]] caf::expected<std::unique_ptr<SQLite::Database>>
open_database(const options& opts);

/// @returns an error if the file that `database` has open is no longer the one
/// at its path.
[[nodiscard]] caf::error check_file(SQLite::Database& database);

/// Runs `work` and turns what SQLite throws into an error.
template <class Work>
[[nodiscard]] std::invoke_result_t<Work>
guarded(const std::string& path, Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& thrown) {
    return failure_of(thrown, path);
  }
}

/// The statements that begin and end transactions, prepared once.
class transaction_control {
public:
  explicit transaction_control(SQLite::Database& database);

private:
  friend class scoped_transaction;

  SQLite::Database& database_;
  SQLite::Statement begin_read_;
  SQLite::Statement begin_write_;
  SQLite::Statement commit_;
};

/// A transaction that is rolled back unless `commit` succeeded. Throws what
/// SQLite throws.
class scoped_transaction {
public:
  enum class kind : std::uint8_t { read, write };

  scoped_transaction(transaction_control& control, kind what);
  scoped_transaction(const scoped_transaction&) = delete;
  scoped_transaction& operator=(const scoped_transaction&) = delete;
  ~scoped_transaction();

  void commit();

private:
  transaction_control& control_;
};

} // namespace stravasync::sqlite
