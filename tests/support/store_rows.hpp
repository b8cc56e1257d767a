#pragma once

#include "actors/ports/store.hpp"

#include <string>
#include <vector>

namespace test {

/// What a database holds of what the streams recorded.
struct store_rows {
  std::vector<stravasync::athlete> athletes;
  std::vector<stravasync::activity> activities; // Tombstones too.
  std::vector<stravasync::absence> absences;
  std::vector<stravasync::sport_total> totals;
  /// Less the times of storing, which are the writer's own.
  std::vector<stravasync::sync_run> runs;
  std::size_t outbox = 0;

  friend bool operator==(const store_rows&, const store_rows&) = default;
};

/// Reads a whole database; throws if that fails.
[[nodiscard]] store_rows read_rows(stravasync::store_session& from);

/// The same of the SQLite database at `path`.
[[nodiscard]] store_rows read_rows(const std::string& path);

} // namespace test
