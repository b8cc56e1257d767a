#pragma once

#include "adapters/postgres/postgres_store.hpp"
#include "adapters/postgres/server_link.hpp"

#include <string>

/// @file
/// What the options mean to libpq, and how failures become ours. Private to the
/// adapter.

namespace stravasync::postgres {

/// A database that can be connected to.
struct target {
  std::string conninfo;    // Holds the password.
  std::string description; // For messages.
  std::chrono::milliseconds statement_timeout{0};
};

/// Fails with `ec::invalid_argument` if the URL is none.
[[nodiscard]] caf::expected<target> target_of(const options& opts);

/// @returns our error for what went wrong while connecting.
[[nodiscard]] caf::error
connect_failure(const server_failure& what, const target& at);

/// @returns our error for what went wrong later on.
[[nodiscard]] caf::error
failure_of(const server_failure& what, const target& at);

/// Connects and sets the connection up; does not look at the schema.
[[nodiscard]] caf::expected<std::unique_ptr<server_link>>
connect_to(const target& at);

} // namespace stravasync::postgres
