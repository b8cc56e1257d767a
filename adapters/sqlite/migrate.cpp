#include "adapters/sqlite/migrate.hpp"

#include "actors/ports/clock.hpp"
#include "adapters/sqlite/inspection.hpp"
#include "adapters/sqlite/rows.hpp"
#include "messages/error.hpp"

#include <filesystem>

namespace stravasync::sqlite {

namespace {

constexpr auto create_table = "CREATE TABLE IF NOT EXISTS schema_migration ("
                              "  version INTEGER PRIMARY KEY,"
                              "  name TEXT NOT NULL,"
                              "  applied_at_ms INTEGER NOT NULL"
                              ") STRICT";

caf::error conflict(std::string detail) {
  return make_failure(ec::conflict, std::move(detail));
}

/// Versions and names that the database has, in order. Throws what SQLite
/// throws.
caf::expected<std::vector<migration_name>>
applied_migrations(SQLite::Database& database) {
  auto applied = std::vector<migration_name>{};
  if (!database.tableExists("schema_migration")) {
    auto tables = database.execAndGet("SELECT count(*) FROM sqlite_master");
    if (tables.getInt() > 0)
      return conflict("the database " + database.getFilename()
                      + " holds the tables of another program");
    return applied;
  }
  auto select = SQLite::Statement{
    database, "SELECT version, name FROM schema_migration ORDER BY version"};
  while (select.executeStep())
    applied.push_back(
      {select.getColumn(0).getInt(), select.getColumn(1).getString()});
  return applied;
}

caf::expected<std::vector<sql::migration>>
missing_from(SQLite::Database& database,
             std::span<const sql::migration> known) {
  auto applied = applied_migrations(database);
  if (!applied)
    return applied.error();
  auto newest = applied->empty() ? 0 : applied->back().version;
  auto known_newest = known.empty() ? 0 : known.back().version;
  if (newest > known_newest)
    return conflict("the database " + database.getFilename()
                    + " has schema version " + std::to_string(newest)
                    + ", this program knows versions up to "
                    + std::to_string(known_newest) + ": use a newer program");
  auto missing = std::vector<sql::migration>{};
  auto next = applied->begin();
  for (const auto& each : known) {
    if (next == applied->end()) {
      missing.push_back(each);
      continue;
    }
    if (next->version != each.version || next->name != each.name)
      return conflict("migration " + std::to_string(each.version) + " ("
                      + std::string{each.name} + ") is version "
                      + std::to_string(next->version) + " (" + next->name
                      + ") in the database " + database.getFilename());
    ++next;
  }
  return missing;
}

void record(SQLite::Database& database, const sql::migration& applied) {
  auto insert = SQLite::Statement{
    database, "INSERT INTO schema_migration (version, name, applied_at_ms) "
              "VALUES (?1, ?2, ?3)"};
  auto name = std::string{applied.name};
  insert.bind(1, applied.version);
  insert.bind(2, name);
  insert.bind(3, system_wall_clock()());
  insert.exec();
}

/// Applies the oldest missing migration, if there is one.
caf::expected<std::optional<migration_name>>
apply_next(SQLite::Database& database, std::span<const sql::migration> known) {
  auto control = transaction_control{database};
  auto transaction = scoped_transaction{control,
                                        scoped_transaction::kind::write};
  // Asked again under the write lock: another process may have applied it.
  auto missing = missing_from(database, known);
  if (!missing)
    return missing.error();
  if (missing->empty())
    return std::optional<migration_name>{};
  const auto& next = missing->front();
  database.exec(create_table);
  database.exec(std::string{next.statements});
  record(database, next);
  transaction.commit();
  return std::optional{migration_name{next.version, std::string{next.name}}};
}

std::vector<migration_name> names_of(std::span<const sql::migration> list) {
  auto names = std::vector<migration_name>{};
  for (const auto& each : list)
    names.push_back({each.version, std::string{each.name}});
  return names;
}

} // namespace

caf::expected<std::vector<sql::migration>>
missing_migrations(SQLite::Database& database,
                   std::span<const sql::migration> known) {
  using result = caf::expected<std::vector<sql::migration>>;
  return guarded(database.getFilename(), [&]() -> result {
    // One state of the file, whoever migrates it meanwhile.
    auto control = transaction_control{database};
    auto transaction = scoped_transaction{control,
                                          scoped_transaction::kind::read};
    return missing_from(database, known);
  });
}

caf::expected<std::vector<migration_name>>
apply_migrations(SQLite::Database& database,
                 std::span<const sql::migration> known) {
  auto applied = std::vector<migration_name>{};
  // A look first: the usual start finds nothing to do and writes nothing.
  auto missing = missing_migrations(database, known);
  if (!missing)
    return missing.error();
  if (missing->empty())
    return applied;
  using result = caf::expected<std::optional<migration_name>>;
  while (true) {
    auto next = guarded(database.getFilename(), [&]() -> result {
      return apply_next(database, known);
    });
    if (!next)
      return next.error();
    if (!*next)
      return applied;
    applied.push_back(std::move(**next));
  }
}

caf::expected<std::vector<migration_name>>
pending_migrations(const options& opts) {
  auto looked_at = opts;
  looked_at.create = false;
  auto ignored = std::error_code{};
  if (!std::filesystem::exists(opts.path, ignored))
    return names_of(sql::sqlite_migrations());
  auto database = open_database(looked_at);
  if (!database)
    return database.error();
  auto missing = missing_migrations(**database, sql::sqlite_migrations());
  if (!missing)
    return missing.error();
  return names_of(*missing);
}

caf::expected<std::vector<migration_name>> migrate(const options& opts) {
  auto database = open_database(opts);
  if (!database)
    return database.error();
  if (auto failure = check_pages(**database))
    return failure;
  auto applied = apply_migrations(**database, sql::sqlite_migrations());
  if (!applied)
    return applied;
  if (auto failure = check_tables(**database))
    return failure;
  return applied;
}

} // namespace stravasync::sqlite
