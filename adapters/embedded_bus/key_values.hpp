#pragma once

#include "actors/ports/bus.hpp"
#include "adapters/embedded_bus/statement.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stravasync::embedded_bus {

/// The buckets' table. Throws SQLite::Exception.
class key_values {
public:
  /// @param revision_min Revisions given out are above it, even if the table is
  /// new.
  key_values(SQLite::Database& db, std::uint64_t revision_min);

  /// @returns the highest revision given out.
  [[nodiscard]] std::uint64_t last_revision() const {
    return last_revision_;
  }

  [[nodiscard]] std::optional<key_value_entry>
  get(const std::string& bucket, const std::string& key);

  /// @returns `ec::conflict` if the current revision is not `expected`.
  [[nodiscard]] caf::expected<std::uint64_t>
  put(const std::string& bucket, const std::string& key,
      const std::string& value, std::uint64_t expected);

  /// @returns the revision at which the value went away, 0 if there was none.
  std::uint64_t erase(const std::string& bucket, const std::string& key);

  /// A revision that belongs to no value.
  std::uint64_t take_revision();

  /// @returns what has a value, by revision.
  [[nodiscard]] std::vector<key_value_change> all(const std::string& bucket);

  [[nodiscard]] std::vector<std::string> keys(const std::string& bucket);

private:
  SQLite::Statement get_;
  SQLite::Statement revision_;
  SQLite::Statement put_;
  SQLite::Statement note_revision_;
  SQLite::Statement erase_;
  SQLite::Statement keys_;
  SQLite::Statement all_;
  std::uint64_t last_revision_;
};

} // namespace stravasync::embedded_bus
