#pragma once

#include <SQLiteCpp/Database.h>
#include <caf/error.hpp>

/// @file
/// What a database file has to be for a node to start on it. Errors are
/// `ec::malformed` and say what to do if the file is damaged. Private to the
/// adapter.

namespace stravasync::sqlite {

/// Checks the file's pages: all up to 16 MiB, above those of the tables that
/// do not grow with the athletes, so that the time of a start has a bound.
[[nodiscard]] caf::error check_pages(SQLite::Database& database);

/// Checks that every table has its columns; all migrations must be applied.
[[nodiscard]] caf::error check_tables(SQLite::Database& database);

} // namespace stravasync::sqlite
