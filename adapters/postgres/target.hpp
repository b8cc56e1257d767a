#pragma once

#include "adapters/postgres/postgres_store.hpp"
#include "adapters/postgres/server_link.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

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

/// @param mode What follows BEGIN.
/// @returns the statements that begin a transaction. Behind a pooler they carry
/// the settings along that the connection has otherwise; none of them takes the
/// transaction's snapshot.
[[nodiscard]] std::string
begin_statements(const server_link& link, const target& at,
                 std::string_view mode);

/// Connections that were left by who used them.
class spare_links {
public:
  void leave(std::unique_ptr<server_link> link);

  /// @returns one that seems to work, or null.
  [[nodiscard]] std::unique_ptr<server_link> take();

private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<server_link>> links_;
};

/// Connects and sets the connection up, finding out about a pooler in between;
/// does not look at the schema.
[[nodiscard]] caf::expected<std::unique_ptr<server_link>>
connect_to(const target& at);

/// @returns a connection that was left, or else a new one.
[[nodiscard]] caf::expected<std::unique_ptr<server_link>>
link_to(const target& at, const options& opts);

/// Leaves the connection to the next who wants one, if `opts` say where.
void leave(std::unique_ptr<server_link> link, const options& opts);

} // namespace stravasync::postgres
