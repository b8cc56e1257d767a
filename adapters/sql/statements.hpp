#pragma once

#include "adapters/sql/description.hpp"

#include <caf/error.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

/// @file
/// The statements that every repository needs, from an entity's shape. Pure
/// functions; what differs between databases is in the dialect.

namespace stravasync::sql {

/// How one kind of database writes what the standard leaves open.
struct dialect {
  /// The n-th parameter, counted from 1.
  std::string (*placeholder)(std::size_t n);
  /// The integers of the n-th parameter, a list, as a table with a column
  /// `value` and the name `given`.
  std::string (*each_of)(std::size_t n);
  /// `column` is among the n-th parameter, a list of integers.
  std::string (*among)(std::string_view column, std::size_t n);
  /// `column` is the n-th parameter, or among them if it is a list.
  std::string (*matches)(std::string_view column, std::size_t n);
  /// Ends a selection of rows to change: it takes those that nobody else
  /// changes just now. Empty if nobody can.
  std::string_view free_rows;
};

/// Parameters: the row's columns in order, without a generated key. Inserts
/// nothing if the key is taken, so that this is no error that would spoil the
/// transaction.
[[nodiscard]] std::string
insert_row(const dialect& with, const table_shape& table);

/// Parameters: all of the row's columns in order.
[[nodiscard]] std::string
overwrite_row(const dialect& with, const table_shape& table);

/// The same, but finds the row only if its version column holds one less than
/// the version to write. For tables without one, it is `overwrite_row`.
[[nodiscard]] std::string
update_row(const dialect& with, const table_shape& table);

/// Parameters: the key, then the guard's new value.
[[nodiscard]] std::string
advance_guard(const dialect& with, const table_shape& table);

/// All columns in order. Parameters: the key.
[[nodiscard]] std::string
select_by_key(const dialect& with, const table_shape& table);

/// All columns in order, NULL for what is left out. Parameter: what the one key
/// column has to match.
[[nodiscard]] std::string
select_matching(const dialect& with, const table_shape& table, raw_json raw);

/// Parameters: the key.
[[nodiscard]] std::string
erase_by_key(const dialect& with, const table_shape& table);

/// All columns of a page in the entity's order. Parameters: the conditions'
/// values (none for `is_null`), the values of `after` if there are any, the
/// limit.
[[nodiscard]] std::string
select_page(const dialect& with, const table_shape& table,
            const list_query& query);

/// @returns why there is no such page. Columns are named by code, so a wrong
/// one is a bug; limits and cursors come from outside: `ec::invalid_argument`.
[[nodiscard]] caf::error
check_page(const table_shape& table, const list_query& query);

/// @returns "a, b, c": the columns in order. A column that is left out is NULL,
/// so that every statement has the same places.
[[nodiscard]] std::string
column_list(const table_shape& table, raw_json raw = raw_json::included);

} // namespace stravasync::sql
