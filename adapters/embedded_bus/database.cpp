#include "adapters/embedded_bus/database.hpp"

#include "adapters/embedded_bus/inspection.hpp"
#include "adapters/embedded_bus/statement.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace stravasync::embedded_bus {

namespace {

constexpr auto schema_version = 2;

// Marks the file as an embedded bus: "SsBu".
constexpr auto application_id = 0x53734275;

// The messages of a stream are the sequences first to last but for `removed`
// that were taken from the middle, in the order of their time: counts and
// search by time need no index. `message.key` is stream << 40 | sequence.
// `unsettled.due_at_ms` is 0 while a delivery is out, and the wall clock's time
// of the next one after a nak.
constexpr auto schema = R"sql(
CREATE TABLE stream(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  subjects TEXT NOT NULL,
  refuse_when_full INTEGER NOT NULL,
  max_age_ms INTEGER NOT NULL,
  max_bytes INTEGER NOT NULL,
  dedupe_window_ms INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message(
  key INTEGER PRIMARY KEY,
  stored_at_ms INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  subject TEXT NOT NULL,
  message_id TEXT NOT NULL,
  headers BLOB NOT NULL,
  payload BLOB NOT NULL);
CREATE TABLE subject(
  stream INTEGER NOT NULL,
  name TEXT NOT NULL,
  last_sequence INTEGER NOT NULL,
  PRIMARY KEY(stream, name)) WITHOUT ROWID;
CREATE TABLE durable(
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  name TEXT NOT NULL,
  filter_subject TEXT NOT NULL,
  delivered_to INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  ack_wait_ms INTEGER NOT NULL DEFAULT 30000,
  max_ack_pending INTEGER NOT NULL DEFAULT 1000,
  max_deliver INTEGER NOT NULL DEFAULT 0,
  UNIQUE(stream, name));
CREATE TABLE unsettled(
  durable INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  PRIMARY KEY(durable, sequence)) WITHOUT ROWID;
CREATE TABLE key_value(
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  revision INTEGER NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY(bucket, key)) WITHOUT ROWID;
CREATE TABLE key_value_revision(last INTEGER NOT NULL);
INSERT INTO key_value_revision VALUES(0);
)sql";

// Version 1 had no gaps, and did not keep what a durable was asked for.
constexpr auto upgrade_from_1 = R"sql(
ALTER TABLE stream ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE durable ADD COLUMN ack_wait_ms INTEGER NOT NULL DEFAULT 30000;
ALTER TABLE durable ADD COLUMN max_ack_pending INTEGER NOT NULL DEFAULT 1000;
ALTER TABLE durable ADD COLUMN max_deliver INTEGER NOT NULL DEFAULT 0;
)sql";

/// Fetched pages are nobody else's business. SQLite gives its other files the
/// mode of this one. A failure shows when the file is opened.
const std::string& made_private(const std::string& path) {
  auto made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0)
    ::close(made);
  return path;
}

/// Whether the file itself is at fault, rather than what surrounds it.
bool is_damage(const SQLite::Exception& exception) {
  switch (exception.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return false;
    default: // SQLite's codes are no enumeration.
      return true;
  }
}

/// @returns why the last write to the log of changes failed.
int write_errno(sqlite3* db) {
  sqlite3_file* log = nullptr;
  auto result = 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
        == SQLITE_OK
      && log != nullptr && log->pMethods != nullptr)
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &result);
  return result;
}

} // namespace

database::database(const std::string& path)
  : path_(path),
    connection_(made_private(path),
                SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
  abandon();
}

database::~database() = default;

caf::expected<std::unique_ptr<database>>
database::open(const std::string& path, inspection how) {
  auto failed = [&](ec code, const std::string& reason) {
    return make_failure(code, "bus database " + path + ": " + reason);
  };
  try {
    auto result = std::unique_ptr<database>{new database{path}};
    auto& c = result->connection_;
    if (sqlite3_db_readonly(c.getHandle(), "main") == 1)
      return failed(ec::unavailable, "it cannot be written");
    // A file is input: its schema calls no functions, its pages are checked.
    c.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON");
    // Alone: the state kept in memory is then true, and there is no -shm file.
    c.exec("PRAGMA locking_mode=EXCLUSIVE");
    auto id = c.execAndGet("PRAGMA application_id").getInt();
    auto version = c.execAndGet("PRAGMA user_version").getInt();
    auto tables = c.execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
    if (tables > 0 && id != application_id)
      return failed(ec::conflict, "it belongs to another application");
    if (version > schema_version)
      return failed(ec::conflict, "it has version " + std::to_string(version)
                                    + ", this build knows version "
                                    + std::to_string(schema_version));
    if (how == inspection::bounded && tables > 0)
      inspect(c);
    result->prepare();
    return result;
  } catch (const SQLite::Exception& e) {
    return start_failure(e, path);
  }
}

void database::prepare() {
  connection_.exec("PRAGMA journal_mode=WAL");
  connection_.exec("PRAGMA wal_autocheckpoint=4000");
  connection_.exec("PRAGMA journal_size_limit=67108864");
  auto version = connection_.execAndGet("PRAGMA user_version").getInt();
  auto is_new = version == 0;
  // The version is written each time, so that a file which cannot be written is
  // found now; waiting for the disk would only make the start slow.
  connection_.exec(is_new ? "PRAGMA synchronous=FULL"
                          : "PRAGMA synchronous=OFF");
  connection_.exec("BEGIN EXCLUSIVE");
  if (is_new) {
    connection_.exec(schema);
    connection_.exec("PRAGMA application_id=" + std::to_string(application_id));
  }
  if (version == 1)
    connection_.exec(upgrade_from_1);
  connection_.exec("PRAGMA user_version=" + std::to_string(schema_version));
  connection_.exec("COMMIT");
  connection_.exec("PRAGMA synchronous=FULL");
  begin_ = std::make_unique<SQLite::Statement>(connection_, "BEGIN");
  commit_ = std::make_unique<SQLite::Statement>(connection_, "COMMIT");
  main_ = identity_of("");
  wal_ = identity_of("-wal");
}

void database::begin() {
  execution{*begin_}.run();
}

void database::commit() {
  execution{*commit_}.run();
}

void database::rollback() {
  // Some errors have rolled back already, and then this one is expected.
  if (sqlite3_get_autocommit(connection_.getHandle()) == 0)
    connection_.tryExec("ROLLBACK");
}

bool database::in_place() const {
  return identity_of("") == main_ && identity_of("-wal") == wal_;
}

void database::abandon() {
  sqlite3_db_config(connection_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                    1, nullptr);
}

void database::trust() {
  sqlite3_db_config(connection_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                    0, nullptr);
}

database::file_identity database::identity_of(const char* suffix) const {
  struct stat found {};
  if (::stat((path_ + suffix).c_str(), &found) != 0)
    return {};
  return {found.st_dev, found.st_ino};
}

caf::error
start_failure(const SQLite::Exception& exception, const std::string& path) {
  auto file = "bus database " + path;
  if (exception.getErrorCode() == SQLITE_BUSY)
    return make_failure(ec::unavailable, file + ": another process uses it");
  if (exception.getErrorCode() == SQLITE_NOTADB)
    return make_failure(ec::malformed, file + ": " + exception.what());
  if (!is_damage(exception))
    return make_failure(ec::unavailable, file + ": " + exception.what());
  return make_failure(
    ec::malformed,
    file + " is damaged: " + exception.what()
      + "; move it and its -wal file to another folder and start again: a new "
        "one is made, what the store holds stays, and what was under way is "
        "listed anew; `stravasync replay` reads what can be read of the old "
        "one, as bus.path");
}

caf::error failure_of(const SQLite::Exception& exception, database& db) {
  auto no_room = exception.getErrorCode() == SQLITE_FULL;
  if (exception.getExtendedErrorCode() == SQLITE_IOERR_WRITE) {
    // SQLite knows a full disk, but takes a quota for a broken one.
    auto cause = write_errno(db.connection().getHandle());
    no_room = cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
  }
  return make_failure(no_room ? ec::full : ec::unavailable, exception.what());
}

} // namespace stravasync::embedded_bus
