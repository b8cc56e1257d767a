#include "adapters/sqlite/connection.hpp"

#include "adapters/sqlite/rows.hpp"
#include "messages/error.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace stravasync::sqlite {

namespace {

caf::error unavailable(std::string detail) {
  return make_failure(ec::unavailable, std::move(detail));
}

caf::error constraint_failure(int extended, const std::string& what) {
  switch (extended) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return make_failure(ec::already_exists, what);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return make_failure(ec::invalid_argument,
                          "it refers to a row that does not exist");
    default:
      return make_failure(ec::invalid_argument, what);
  }
}

/// Whether a statement was about what the schema lacks: SQLite has no code for
/// that.
bool is_about_schema(std::string_view what) {
  return what.starts_with("no such table: ")
         || what.starts_with("no such column: ")
         || what.find(" has no column named ") != std::string_view::npos;
}

/// Makes the file, if it is missing, readable by nobody else: it holds where
/// people live. SQLite gives its other files the same mode.
caf::error create_file(const std::string& path) {
  auto fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return caf::none;
  }
  if (errno == EEXIST)
    return caf::none;
  return unavailable("cannot create the database " + path + ": "
                     + std::generic_category().message(errno));
}

/// SQLite itself only says "unable to open database file".
caf::error check_access(const std::string& path) {
  auto cannot = "cannot open the database " + path + ": ";
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return unavailable(cannot + std::generic_category().message(errno));
  if (S_ISDIR(status.st_mode))
    return make_failure(ec::invalid_argument,
                        cannot + std::generic_category().message(EISDIR));
  if (::access(path.c_str(), R_OK | W_OK) != 0)
    return unavailable(cannot + std::generic_category().message(errno));
  auto folder = std::filesystem::path{path}.parent_path().string();
  if (folder.empty())
    folder = ".";
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return unavailable(cannot + "its folder " + folder + " is not writable: "
                       + std::generic_category().message(errno));
  return caf::none;
}

void set_up(SQLite::Database& database, const options& opts) {
  // Of a new file. An activity takes 2.6 KiB: three fit a page of 8 KiB, but
  // only one of 4 KiB.
  database.exec("PRAGMA page_size = 8192");
  // The first statement that reads the file: it finds out whether the file is
  // a database at all. Changing the mode of a new file does not wait for
  // others who do the same, so the busy handler alone is not enough.
  auto deadline = std::chrono::steady_clock::now() + opts.busy_timeout;
  while (true) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      break;
    } catch (const SQLite::Exception& thrown) {
      if (thrown.getErrorCode() != SQLITE_BUSY
          || std::chrono::steady_clock::now() >= deadline)
        throw;
      sqlite3_sleep(2);
    }
  }
  // FULL: a commit is on disk when it returns, power cuts included.
  // The WAL is kept from staying large after one large transaction.
  database.exec("PRAGMA synchronous = FULL;"
                "PRAGMA foreign_keys = ON;"
                "PRAGMA trusted_schema = OFF;"
                "PRAGMA temp_store = MEMORY;"
                "PRAGMA wal_autocheckpoint = 2000;"
                "PRAGMA journal_size_limit = 67108864;"
                "PRAGMA cache_size = -"
                + std::to_string(opts.cache_kib));
}

} // namespace

caf::error
failure_of(const SQLite::Exception& thrown, const std::string& path) {
  auto what = std::string{thrown.what()};
  switch (thrown.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      // It is there: who waited for it may wait again.
      return make_failure(ec::unavailable,
                          "another process keeps the database " + path
                            + " locked",
                          std::chrono::milliseconds{1'000});
    case SQLITE_FULL:
      return unavailable("no room left on the disk of the database " + path);
    case SQLITE_IOERR:
      return unavailable("reading or writing the database " + path
                         + " failed: " + what);
    case SQLITE_CORRUPT:
      return unavailable("the database " + path + " is damaged: " + what);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return unavailable("no access to the database " + path + ": " + what);
    case SQLITE_NOMEM:
      return unavailable("no memory left for the database " + path);
    case SQLITE_NOTADB:
      return make_failure(ec::malformed, path + " is not a SQLite database");
    case SQLITE_CONSTRAINT:
      return constraint_failure(thrown.getExtendedErrorCode(), what);
    case SQLITE_ERROR:
      if (is_about_schema(what))
        return make_failure(ec::denied,
                            "the database " + path
                              + " lacks a table or column: " + what);
      break;
    case SQLITE_TOOBIG:
      return make_failure(ec::invalid_argument,
                          "a value is too large for the database");
    default:
      break;
  }
  return make_failure(ec::internal, "the database " + path + ": " + what);
}

caf::error damage_failure(const std::string& path, const std::string& finding) {
  return make_failure(ec::malformed,
                      "the database " + path + " is damaged: " + finding
                        + "; put a backup in its place, or move it and its "
                          "-wal file to another folder and fill a new one with "
                          "`stravasync replay --stream INGEST --into "
                          "store:sqlite:PATH`");
}

caf::expected<std::unique_ptr<SQLite::Database>>
open_database(const options& opts) {
  if (opts.create)
    if (auto failure = create_file(opts.path))
      return failure;
  if (auto failure = check_access(opts.path))
    return failure;
  try {
    auto database = std::make_unique<SQLite::Database>(
      opts.path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
      static_cast<int>(opts.busy_timeout.count()));
    set_up(*database, opts);
    return database;
  } catch (const SQLite::Exception& thrown) {
    if (thrown.getErrorCode() == SQLITE_CORRUPT)
      return damage_failure(opts.path, thrown.what());
    return failure_of(thrown, opts.path);
  }
}

caf::error check_file(SQLite::Database& database) {
  // Never look by opening the file: closing a second descriptor of it would
  // drop all locks that this process holds on it (POSIX).
  auto moved = 0;
  auto code = sqlite3_file_control(database.getHandle(), "main",
                                   SQLITE_FCNTL_HAS_MOVED, &moved);
  if (code == SQLITE_OK && moved == 0)
    return caf::none;
  return unavailable("the database file " + database.getFilename()
                     + " was deleted or replaced");
}

transaction_control::transaction_control(SQLite::Database& database)
  : database_{database},
    begin_read_{database, "BEGIN"},
    // Takes the write lock now, where waiting for it is possible, instead of
    // failing halfway.
    begin_write_{database, "BEGIN IMMEDIATE"},
    commit_{database, "COMMIT"} {
  // nop
}

scoped_transaction::scoped_transaction(transaction_control& control, kind what)
  : control_{control} {
  auto& begin = what == kind::write ? control_.begin_write_
                                    : control_.begin_read_;
  auto done = scoped_reset{begin};
  begin.exec();
}

scoped_transaction::~scoped_transaction() {
  auto& database = control_.database_;
  // Some failures (a full disk) have rolled back already.
  if (sqlite3_get_autocommit(database.getHandle()) == 0)
    static_cast<void>(database.tryExec("ROLLBACK"));
}

void scoped_transaction::commit() {
  auto done = scoped_reset{control_.commit_};
  control_.commit_.exec();
}

} // namespace stravasync::sqlite
