#pragma once

#include "adapters/sql/description.hpp"

#include <string>

/// @file
/// Statements that take any number of rows, a column of them per parameter
/// (`encode_rows`). Pure functions. Private to the adapter.

namespace stravasync::postgres {

/// Inserts rows whose keys are free. @returns the key of each inserted row.
[[nodiscard]] std::string insert_rows(const sql::table_shape& table);

/// Overwrites the rows with the same keys; with a version column only those
/// that hold one less than the version to write. @returns one value per row.
[[nodiscard]] std::string update_rows(const sql::table_shape& table);

/// What `upsert_rows` answers with, per row and in their order.
inline constexpr auto upsert_created = 'c';
inline constexpr auto upsert_overwritten = 'o';
inline constexpr auto upsert_advanced = 'a'; // Its guard only.
inline constexpr auto upsert_left = 'l';

/// Does what `sql::step_for` says with each row. No key may be twice among
/// them.
[[nodiscard]] std::string upsert_rows(const sql::table_shape& table);

} // namespace stravasync::postgres
