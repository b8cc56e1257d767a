#pragma once

#include "adapters/postgres/target.hpp"
#include "adapters/sql/migrations.hpp"

#include <span>
#include <vector>

/// @file
/// Bringing a database's schema up to date, with the migrations as a parameter.
/// Private to the adapter.

namespace stravasync::postgres {

/// @returns those of `known` that the database lacks. Fails with `ec::conflict`
/// if it has others.
[[nodiscard]] caf::expected<std::vector<sql::migration>>
missing_migrations(server_link& link, const target& at,
                   std::span<const sql::migration> known);

/// Applies what is missing, in one transaction. @returns what it applied.
[[nodiscard]] caf::expected<std::vector<migration_name>>
apply_migrations(server_link& link, const target& at,
                 std::span<const sql::migration> known);

} // namespace stravasync::postgres
