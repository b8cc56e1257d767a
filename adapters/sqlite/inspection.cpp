#include "adapters/sqlite/inspection.hpp"

#include "adapters/sql/entities.hpp"
#include "adapters/sql/statements.hpp"
#include "adapters/sqlite/connection.hpp"

#include <sqlite3.h>

#include <string>

namespace stravasync::sqlite {

namespace {

// A start waits for it: about 1 ms a MiB.
constexpr auto whole_bytes_max = std::int64_t{16} * 1024 * 1024;

/// Runs `work`, which throws for what is wrong with the file.
template <class Work>
caf::error inspected(SQLite::Database& database, Work work) {
  try {
    work();
    return caf::none;
  } catch (const SQLite::Exception& thrown) {
    auto code = thrown.getErrorCode();
    if (code == SQLITE_CORRUPT || code == SQLITE_ERROR)
      return damage_failure(database.getFilename(), thrown.what());
    return failure_of(thrown, database.getFilename());
  }
}

/// Runs one of SQLite's own checks and expects "ok".
void run_check(SQLite::Database& database, const std::string& pragma) {
  auto answer = database.execAndGet(pragma).getString();
  // What follows the first line is the same again for other pages.
  if (answer != "ok")
    throw SQLite::Exception{answer.substr(0, answer.find('\n')),
                            SQLITE_CORRUPT};
}

template <class Entity>
void prepare_select(SQLite::Database& database) {
  constexpr auto shape = sql::shape_of<Entity>;
  SQLite::Statement{database, "SELECT " + sql::column_list(shape) + " FROM "
                                + std::string{shape.rules.name}};
}

} // namespace

caf::error check_pages(SQLite::Database& database) {
  return inspected(database, [&] {
    auto pages = database.execAndGet("PRAGMA page_count").getInt64();
    auto bytes = database.execAndGet("PRAGMA page_size").getInt64();
    if (pages <= whole_bytes_max / bytes)
      return run_check(database, "PRAGMA quick_check(1)");
    for (const auto* table : {"schema_migration", "setting"})
      if (database.tableExists(table))
        run_check(database, "PRAGMA quick_check(" + std::string{table} + ")");
  });
}

caf::error check_tables(SQLite::Database& database) {
  return inspected(database, [&] {
    prepare_select<athlete>(database);
    prepare_select<credential>(database);
    prepare_select<activity>(database);
    prepare_select<sync_run>(database);
    prepare_select<sync_page>(database);
    prepare_select<outbox_message>(database);
    SQLite::Statement{database, "SELECT name, value FROM setting"};
  });
}

} // namespace stravasync::sqlite
