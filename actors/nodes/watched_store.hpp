#pragma once

#include "actors/nodes/health_record.hpp"
#include "actors/ports/store.hpp"

namespace stravasync {

/// Part of a health record that is about writing to the database; it has one
/// thing, the part itself.
inline constexpr auto database_part = "database";

/// The same about reading.
inline constexpr auto database_reads_part = "database reads";

/// @returns `inner`, whose sessions write into `record` that the database took
/// no write, whoever made it, or refused to be read. That it is well again is
/// for a trial to say: a small write may find room where a large one did not.
[[nodiscard]] store_opener
watch_store(store_opener inner, health_record record);

} // namespace stravasync
