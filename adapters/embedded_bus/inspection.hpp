#pragma once

#include "adapters/embedded_bus/stream.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>

/// @file
/// What a file has to be for the bus to work on it: a row read from disk is
/// input. All functions throw SQLite::Exception (SQLITE_CORRUPT) with what is
/// wrong, in words that follow "is damaged: ".

namespace stravasync::embedded_bus {

/// Checks the pages of a file: all up to 16 MiB, above those of every table but
/// the messages and their subjects, so that the time of a start has a bound.
void inspect(SQLite::Database& file);

/// Checks what the row of a stream says.
void check(const stream& loaded);

/// @param oldest The sequence of the oldest message found, 0 for none.
/// @param goes_on Whether there are messages above the last sequence, which
/// leave no room for the next.
void check(const stream& loaded, std::uint64_t oldest, bool goes_on);

void check(const durable& loaded, const stream& of);

void check_unsettled(const durable& of, std::int64_t sequence,
                     std::int64_t deliveries, std::int64_t due_at_ms);

/// @param last The highest revision given out.
void check_revision(std::int64_t last);

} // namespace stravasync::embedded_bus
