#pragma once

#include "actors/ports/store.hpp"
#include "config/settings.hpp"

#include <caf/expected.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The one place that chooses a store by the settings.

namespace stravasync {

/// One step of a store's schema.
struct schema_step {
  int version = 0;
  std::string name;
};

/// The database that `store.url` names. Nothing is opened before a function is
/// called; each may be called from any thread and blocks. Errors name the
/// database: `ec::unavailable` if it does not answer now, others if waiting
/// does not help.
struct database {
  /// For messages: never with a password.
  std::string description;
  /// It is a file of this process's: made and brought up to date at its start
  /// rather than by a job of its own.
  bool embedded = false;
  /// Opens a session on a database that is there and up to date.
  store_opener open;
  /// @returns what `migrate` would apply.
  std::function<caf::expected<std::vector<schema_step>>()> pending;
  /// Applies what is pending. @returns what it applied.
  std::function<caf::expected<std::vector<schema_step>>()> migrate;
  /// Reads a fact about the database, if it is there.
  std::function<caf::expected<std::optional<std::string>>(
    std::string_view name)>
    read_setting;
  /// Stores a fact about the database if it is not there yet. @returns the
  /// value that is there afterwards.
  std::function<caf::expected<std::string>(std::string_view name,
                                           std::string_view value)>
    write_setting_once;
};

[[nodiscard]] database
database_of(const store_settings& config, std::string application_name);

} // namespace stravasync
