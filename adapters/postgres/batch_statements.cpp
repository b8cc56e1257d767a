#include "adapters/postgres/batch_statements.hpp"

#include "adapters/postgres/binary_format.hpp"

#include <algorithm>

namespace stravasync::postgres {

namespace {

bool is_key(const sql::table_shape& table, std::string_view name) {
  auto names = sql::names_in(table.rules.key);
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append_separated(std::string& to, std::string_view separator,
                      const std::string& what) {
  if (!to.empty())
    to += separator;
  to += what;
}

/// Every column that `wanted` says yes to, as `prefix` and its name.
template <class Predicate>
std::string columns(const sql::table_shape& table, const std::string& prefix,
                    Predicate wanted) {
  auto result = std::string{};
  for (const auto& each : table.columns)
    if (wanted(each.name))
      append_separated(result, ", ", prefix + std::string{each.name});
  return result;
}

std::string all_columns(const sql::table_shape& table) {
  return columns(table, "", [](std::string_view) { return true; });
}

/// What an insert names: a generated key is given by the database.
std::string given_columns(const sql::table_shape& table) {
  return columns(table, "", [&](std::string_view name) {
    return !table.rules.generated_key || !is_key(table, name);
  });
}

/// "unnest($1::bigint[], $2::text[])"
std::string unnest(const sql::table_shape& table) {
  auto lists = std::string{};
  auto n = 0;
  for (const auto& each : table.columns)
    append_separated(lists, ", ",
                     "$" + std::to_string(++n)
                       + "::" + std::string{type_name(each.kind)} + "[]");
  return "unnest(" + lists + ")";
}

/// "t.a = i.a AND t.b = i.b": row `i` and the stored row `t` have one key.
std::string same_key(const sql::table_shape& table) {
  auto result = std::string{};
  for (auto name : sql::names_in(table.rules.key))
    append_separated(result, " AND ",
                     "t." + std::string{name} + " = i." + std::string{name});
  return result;
}

/// "a = i.a, b = i.b": all columns but the key.
std::string assignments(const sql::table_shape& table) {
  auto result = std::string{};
  for (const auto& each : table.columns) {
    auto name = std::string{each.name};
    if (!is_key(table, name))
      append_separated(result, ", ", name + " = i." + name);
  }
  return result;
}

std::string name_of(const sql::table_shape& table) {
  return std::string{table.rules.name};
}

std::string quoted(char step) {
  return std::string{"'"} + step + "'";
}

/// `sql::step_for` as an expression over the row `i` and the stored row `t`.
std::string step_expression(const sql::table_shape& table) {
  auto guard = std::string{table.rules.guard};
  auto tombstone = std::string{table.rules.tombstone};
  auto compared = [&](std::string_view name) {
    return !is_key(table, name) && name != guard;
  };
  auto result = "CASE WHEN t." + std::string{table.rules.key[0]}
                + " IS NULL THEN " + quoted(upsert_created);
  auto owner = std::string{table.rules.owner};
  if (!owner.empty())
    result += " WHEN t." + owner + " <> i." + owner + " THEN "
              + quoted(upsert_left);
  if (!guard.empty())
    result += " WHEN t." + guard + " > i." + guard + " THEN "
              + quoted(upsert_left);
  if (!tombstone.empty())
    result += " WHEN t." + tombstone + " > i." + guard + " THEN "
              + quoted(upsert_left);
  result += " WHEN (" + columns(table, "t.", compared) + ") IS DISTINCT FROM ("
            + columns(table, "i.", compared) + ") THEN "
            + quoted(upsert_overwritten);
  if (!guard.empty())
    result += " WHEN t." + guard + " < i." + guard + " AND t." + guard + " < $"
              + std::to_string(table.columns.size() + 1) + " THEN "
              + quoted(upsert_advanced);
  return result + " ELSE " + quoted(upsert_left) + " END";
}

} // namespace

std::string insert_rows(const sql::table_shape& table) {
  auto given = given_columns(table);
  return "INSERT INTO " + name_of(table) + " (" + given + ") SELECT " + given
         + " FROM " + unnest(table) + " AS i(" + all_columns(table)
         + ") ON CONFLICT DO NOTHING RETURNING "
         + std::string{table.rules.key[0]};
}

std::string update_rows(const sql::table_shape& table) {
  auto result = "UPDATE " + name_of(table) + " AS t SET " + assignments(table)
                + " FROM " + unnest(table) + " AS i(" + all_columns(table)
                + ") WHERE " + same_key(table);
  auto version = std::string{table.rules.version};
  if (!version.empty())
    result += " AND t." + version + " = i." + version + " - 1";
  return result + " RETURNING 1";
}

std::string upsert_rows(const sql::table_shape& table) {
  auto given = given_columns(table);
  auto name = name_of(table);
  auto all = all_columns(table);
  auto change = [&](const std::string& what, char step) {
    return "UPDATE " + name + " AS t SET " + what
           + " FROM input AS i WHERE i.step = " + quoted(step) + " AND "
           + same_key(table);
  };
  // All parts see the table as it was before the statement, so each row is
  // looked up once and touched by one part at most.
  auto result
    = "WITH input AS MATERIALIZED (SELECT i.*, " + step_expression(table)
      + " AS step FROM " + unnest(table) + " WITH ORDINALITY AS i(" + all
      + ", position) LEFT JOIN " + name + " AS t ON " + same_key(table)
      + "), created AS (INSERT INTO " + name + " (" + given + ") SELECT "
      + given + " FROM input WHERE step = " + quoted(upsert_created)
      + " ORDER BY position ON CONFLICT DO NOTHING)";
  result += ", overwritten AS ("
            + change(assignments(table), upsert_overwritten) + ")";
  auto guard = std::string{table.rules.guard};
  if (!guard.empty())
    result += ", advanced AS ("
              + change(guard + " = i." + guard, upsert_advanced) + ")";
  return result + " SELECT step FROM input ORDER BY position";
}

} // namespace stravasync::postgres
