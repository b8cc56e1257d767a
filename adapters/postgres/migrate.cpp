#include "adapters/postgres/migrate.hpp"

#include "actors/ports/clock.hpp"
#include "messages/error.hpp"

namespace stravasync::postgres {

namespace {

constexpr auto create_table = "CREATE TABLE IF NOT EXISTS schema_migration ("
                              "  version integer PRIMARY KEY,"
                              "  name text NOT NULL,"
                              "  applied_at_ms bigint NOT NULL)";

/// Any number that others are unlikely to lock; per database.
constexpr auto take_lock = "SELECT pg_advisory_xact_lock(7238741503)";

/// Writers lock that table first. One in the middle of something would have
/// what this waits for, and then wait for what this has.
constexpr auto exclude_writers
  = "DO $$ BEGIN IF to_regclass('setting') IS NOT NULL THEN"
    " LOCK TABLE setting IN EXCLUSIVE MODE; END IF; END $$";

caf::error conflict(std::string detail) {
  return make_failure(ec::conflict, std::move(detail));
}

/// Ends a transaction that was not committed.
class scoped_rollback {
public:
  explicit scoped_rollback(server_link& link) : link_{link} {
    // nop
  }

  scoped_rollback(const scoped_rollback&) = delete;
  scoped_rollback& operator=(const scoped_rollback&) = delete;

  ~scoped_rollback() {
    if (done_)
      return;
    try {
      link_.run("ROLLBACK");
    } catch (const server_failure&) {
      // The connection is lost, and the transaction with it.
    }
  }

  void commit() {
    done_ = true;
    link_.run("COMMIT");
  }

private:
  server_link& link_;
  bool done_ = false;
};

/// Versions and names that the database has, in order.
std::vector<migration_name> applied_migrations(server_link& link) {
  auto applied = std::vector<migration_name>{};
  // Not to_regclass: it may remember, from before another migrator's commit,
  // that there is no such table.
  auto table = link.run("SELECT 1 FROM pg_class WHERE relname = "
                        "'schema_migration' AND pg_table_is_visible(oid)");
  if (table.empty())
    return applied;
  auto rows
    = link.run("SELECT version, name FROM schema_migration ORDER BY version");
  for (const auto& row : rows)
    applied.push_back({row[0].as<int>(), row[1].c_str()});
  return applied;
}

caf::expected<std::vector<sql::migration>>
missing_from(server_link& link, const target& at,
             std::span<const sql::migration> known) {
  auto applied = applied_migrations(link);
  auto newest = applied.empty() ? 0 : applied.back().version;
  auto known_newest = known.empty() ? 0 : known.back().version;
  if (newest > known_newest)
    return conflict("the database " + at.description + " has schema version "
                    + std::to_string(newest)
                    + ", this program knows versions up to "
                    + std::to_string(known_newest) + ": use a newer program");
  auto missing = std::vector<sql::migration>{};
  auto next = applied.begin();
  for (const auto& each : known) {
    if (next == applied.end()) {
      missing.push_back(each);
      continue;
    }
    if (next->version != each.version || next->name != each.name)
      return conflict("migration " + std::to_string(each.version) + " ("
                      + std::string{each.name} + ") is version "
                      + std::to_string(next->version) + " (" + next->name
                      + ") in the database " + at.description);
    ++next;
  }
  return missing;
}

void apply(server_link& link, const sql::migration& one) {
  link.run(std::string{one.statements});
  // Names hold letters and underscores only: `embed_migrations.cmake`.
  link.run("INSERT INTO schema_migration (version, name, applied_at_ms) "
           "VALUES ("
           + std::to_string(one.version) + ", '" + std::string{one.name} + "', "
           + std::to_string(system_wall_clock()()) + ")");
}

std::vector<migration_name> names_of(std::span<const sql::migration> list) {
  auto names = std::vector<migration_name>{};
  for (const auto& each : list)
    names.push_back({each.version, std::string{each.name}});
  return names;
}

caf::expected<std::vector<migration_name>>
apply_all(server_link& link, const target& at,
          std::span<const sql::migration> known) {
  // Sees what another migrator commits while this one waits for the lock.
  link.run(begin_statements(link, at, "ISOLATION LEVEL READ COMMITTED"));
  auto scope = scoped_rollback{link};
  // A large table takes a while; a lock that is never given back is an error.
  link.run("SET LOCAL statement_timeout = 0; "
           "SET LOCAL lock_timeout = '5min'");
  link.run(take_lock);
  auto missing = missing_from(link, at, known);
  if (!missing)
    return missing.error();
  link.run(create_table);
  link.run(exclude_writers);
  for (const auto& each : *missing)
    apply(link, each);
  scope.commit();
  return names_of(*missing);
}

} // namespace

caf::expected<std::vector<sql::migration>>
missing_migrations(server_link& link, const target& at,
                   std::span<const sql::migration> known) {
  try {
    return missing_from(link, at, known);
  } catch (const server_failure& thrown) {
    return failure_of(thrown, at);
  }
}

caf::expected<std::vector<migration_name>>
apply_migrations(server_link& link, const target& at,
                 std::span<const sql::migration> known) {
  // A look first: the usual start finds nothing to do and takes no lock.
  auto missing = missing_migrations(link, at, known);
  if (!missing)
    return missing.error();
  if (missing->empty())
    return std::vector<migration_name>{};
  try {
    return apply_all(link, at, known);
  } catch (const server_failure& thrown) {
    return failure_of(thrown, at);
  }
}

caf::expected<std::vector<migration_name>>
pending_migrations(const options& opts) {
  auto at = target_of(opts);
  if (!at)
    return at.error();
  auto link = link_to(*at, opts);
  if (!link)
    return link.error();
  auto missing = missing_migrations(**link, *at, sql::postgres_migrations());
  if (!missing)
    return missing.error();
  leave(std::move(*link), opts);
  return names_of(*missing);
}

caf::expected<std::vector<migration_name>> migrate(const options& opts) {
  auto at = target_of(opts);
  if (!at)
    return at.error();
  auto link = connect_to(*at);
  if (!link)
    return link.error();
  return apply_migrations(**link, *at, sql::postgres_migrations());
}

} // namespace stravasync::postgres
