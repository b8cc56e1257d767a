#include "adapters/sql/statements.hpp"

#include "messages/error.hpp"

#include <algorithm>
#include <cassert>

namespace stravasync::sql {

namespace {

bool contains(const name_list& list, std::string_view name) {
  auto names = names_in(list);
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append_separated(std::string& to, std::string_view separator,
                      std::string_view what) {
  if (!to.empty())
    to += separator;
  to += what;
}

std::string joined(const name_list& list, std::string_view suffix = {}) {
  auto result = std::string{};
  for (auto name : names_in(list)) {
    append_separated(result, ", ", name);
    result += suffix;
  }
  return result;
}

/// "a = ?1 AND b = ?2"
std::string key_match(const dialect& with, const table_shape& table) {
  auto result = std::string{};
  auto n = std::size_t{0};
  for (auto name : names_in(table.rules.key)) {
    append_separated(result, " AND ", name);
    result += " = " + with.placeholder(++n);
  }
  return result;
}

std::string_view operator_of(condition::relation relation) {
  switch (relation) {
    case condition::relation::equal:
      return " = ";
    case condition::relation::at_least:
      return " >= ";
    case condition::relation::less_than:
      return " < ";
    case condition::relation::is_null:
      return " IS NULL";
  }
  return {};
}

} // namespace

std::string column_list(const table_shape& table, raw_json raw) {
  auto result = std::string{};
  for (const auto& each : table.columns) {
    auto left_out = raw == raw_json::left_out
                    && each.kind == value_kind::verbatim;
    append_separated(result, ", ", left_out ? "NULL" : each.name);
  }
  return result;
}

std::string insert_row(const dialect& with, const table_shape& table) {
  auto names = std::string{};
  auto values = std::string{};
  auto n = std::size_t{0};
  for (const auto& each : table.columns) {
    if (table.rules.generated_key && contains(table.rules.key, each.name))
      continue;
    append_separated(names, ", ", each.name);
    append_separated(values, ", ", with.placeholder(++n));
  }
  auto result = "INSERT INTO " + std::string{table.rules.name} + " (" + names
                + ") VALUES (" + values + ") ON CONFLICT DO NOTHING";
  if (table.rules.generated_key)
    result += " RETURNING " + joined(table.rules.key);
  return result;
}

std::string overwrite_row(const dialect& with, const table_shape& table) {
  auto changes = std::string{};
  auto match = std::string{};
  auto n = std::size_t{0};
  for (const auto& each : table.columns) {
    auto is_key = contains(table.rules.key, each.name);
    auto& part = is_key ? match : changes;
    append_separated(part, is_key ? " AND " : ", ", each.name);
    part += " = " + with.placeholder(++n);
  }
  return "UPDATE " + std::string{table.rules.name} + " SET " + changes
         + " WHERE " + match;
}

std::string update_row(const dialect& with, const table_shape& table) {
  auto result = overwrite_row(with, table);
  if (table.rules.version.empty())
    return result;
  auto version = table.find(table.rules.version);
  auto n = static_cast<std::size_t>(version - table.columns.data()) + 1;
  return result + " AND " + std::string{version->name} + " = "
         + with.placeholder(n) + " - 1";
}

std::string advance_guard(const dialect& with, const table_shape& table) {
  assert(!table.rules.guard.empty());
  auto n = names_in(table.rules.key).size();
  return "UPDATE " + std::string{table.rules.name} + " SET "
         + std::string{table.rules.guard} + " = " + with.placeholder(n + 1)
         + " WHERE " + key_match(with, table);
}

std::string select_by_key(const dialect& with, const table_shape& table) {
  return "SELECT " + column_list(table) + " FROM "
         + std::string{table.rules.name} + " WHERE " + key_match(with, table);
}

std::string
select_matching(const dialect& with, const table_shape& table, raw_json raw) {
  return "SELECT " + column_list(table, raw) + " FROM "
         + std::string{table.rules.name} + " WHERE "
         + with.matches(table.rules.key[0], 1);
}

std::string erase_by_key(const dialect& with, const table_shape& table) {
  return "DELETE FROM " + std::string{table.rules.name} + " WHERE "
         + key_match(with, table);
}

std::string select_page(const dialect& with, const table_shape& table,
                        const list_query& query) {
  auto match = std::string{};
  auto n = std::size_t{0};
  for (const auto& each : query.where) {
    append_separated(match, " AND ", each.column);
    match += operator_of(each.is);
    if (each.is != condition::relation::is_null)
      match += with.placeholder(++n);
  }
  if (!query.after.empty()) {
    // Row values: one range on the index, however many columns.
    auto values = std::string{};
    for (auto i = names_in(table.rules.order).size(); i > 0; --i)
      append_separated(values, ", ", with.placeholder(++n));
    append_separated(match, " AND ", "(" + joined(table.rules.order) + ")");
    match += table.rules.descending ? " < (" : " > (";
    match += values + ")";
  }
  auto result = "SELECT " + column_list(table, query.raw) + " FROM "
                + std::string{table.rules.name};
  if (!match.empty())
    result += " WHERE " + match;
  return result + " ORDER BY "
         + joined(table.rules.order, table.rules.descending ? " DESC" : "")
         + " LIMIT " + with.placeholder(n + 1);
}

caf::error check_page(const table_shape& table, const list_query& query) {
  for ([[maybe_unused]] const auto& each : query.where) {
    assert(table.find(each.column) != nullptr);
    assert(each.is == condition::relation::is_null
           || fits(each.value, table.find(each.column)->kind));
  }
  if (query.limit == 0)
    return make_failure(ec::invalid_argument, "limit must be at least 1");
  if (query.after.empty())
    return caf::none;
  auto fits_column = [&](const column_value& value, std::string_view name) {
    return fits(value, table.find(name)->kind);
  };
  if (std::ranges::equal(query.after, names_in(table.rules.order), fits_column))
    return caf::none;
  return make_failure(ec::invalid_argument,
                      "the cursor does not belong to this list");
}

} // namespace stravasync::sql
