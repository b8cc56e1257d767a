#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/rows.hpp"

/// @file
/// The setting table: a few facts about the database as a whole, looked at when
/// the process starts.

namespace stravasync::sqlite {

namespace {

/// A setting is never a reason to make a database.
caf::expected<std::unique_ptr<SQLite::Database>> open_existing(options opts) {
  opts.create = false;
  return open_database(opts);
}

/// Throws what SQLite throws.
std::optional<std::string>
find(SQLite::Database& database, const std::string& name) {
  auto select = SQLite::Statement{database,
                                  "SELECT value FROM setting WHERE name = ?1"};
  select.bind(1, name);
  if (!select.executeStep())
    return std::nullopt;
  return select.getColumn(0).getString();
}

/// One statement is one transaction.
void put(SQLite::Database& database, const char* statement,
         const std::string& name, const std::string& value) {
  auto insert = SQLite::Statement{database, statement};
  insert.bind(1, name);
  insert.bind(2, value);
  insert.exec();
}

} // namespace

caf::expected<std::optional<std::string>>
read_setting(const options& opts, std::string_view name) {
  auto database = open_existing(opts);
  if (!database)
    return database.error();
  using result = caf::expected<std::optional<std::string>>;
  return guarded(
    opts.path, [&]() -> result { return find(**database, std::string{name}); });
}

caf::expected<std::string>
write_setting_once(const options& opts, std::string_view name,
                   std::string_view value) {
  auto database = open_existing(opts);
  if (!database)
    return database.error();
  using result = caf::expected<std::string>;
  return guarded(opts.path, [&]() -> result {
    auto wanted = std::string{value};
    auto present = find(**database, std::string{name});
    if (present)
      return *present;
    put(**database,
        "INSERT INTO setting (name, value) VALUES (?1, ?2)"
        " ON CONFLICT DO NOTHING",
        std::string{name}, wanted);
    return find(**database, std::string{name}).value_or(wanted);
  });
}

caf::error write_setting(const options& opts, std::string_view name,
                         std::string_view value) {
  auto database = open_existing(opts);
  if (!database)
    return database.error();
  return guarded(opts.path, [&]() -> caf::error {
    put(**database,
        "INSERT INTO setting (name, value) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        std::string{name}, std::string{value});
    return caf::none;
  });
}

} // namespace stravasync::sqlite
