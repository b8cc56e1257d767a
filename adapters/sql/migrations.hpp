#pragma once

#include <span>
#include <string_view>

namespace stravasync::sql {

/// One step of the schema, from `migrations/<version>_<name>.<dialect>.sql`.
struct migration {
  int version = 0; // From 1, without gaps.
  std::string_view name;
  std::string_view statements;
};

/// @returns the steps for SQLite in order, embedded at build time.
[[nodiscard]] std::span<const migration> sqlite_migrations();

/// The same for PostgreSQL.
[[nodiscard]] std::span<const migration> postgres_migrations();

} // namespace stravasync::sql
