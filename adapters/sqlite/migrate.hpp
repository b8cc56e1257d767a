#pragma once

#include "adapters/sql/migrations.hpp"
#include "adapters/sqlite/connection.hpp"

#include <span>
#include <vector>

/// @file
/// Bringing a database's schema up to date, with the migrations as a parameter.
/// Private to the adapter.

namespace stravasync::sqlite {

/// @returns those of `known` that `database` lacks. Fails with `ec::conflict`
/// if it has others, or tables but no migrations at all.
[[nodiscard]] caf::expected<std::vector<sql::migration>>
missing_migrations(SQLite::Database& database,
                   std::span<const sql::migration> known);

/// Applies what is missing. @returns what it applied.
[[nodiscard]] caf::expected<std::vector<migration_name>>
apply_migrations(SQLite::Database& database,
                 std::span<const sql::migration> known);

} // namespace stravasync::sqlite
