#pragma once

#include "tests/support/postgres_server.hpp"

#include <cstdint>
#include <string>

namespace test {

/// PgBouncer between a test and its PostgreSQL server, on a free port of
/// 127.0.0.1; gone at the end. It has fewer connections than tests have
/// sessions and asks for no password. Functions throw `std::runtime_error`.
class pgbouncer {
public:
  /// @param mode PgBouncer's pool_mode.
  pgbouncer(const postgres_server& server, const std::string& mode);

  /// @returns why there can be none here, or nothing.
  [[nodiscard]] static std::string missing();

  [[nodiscard]] std::string url(const std::string& database) const;

private:
  void wait_until_it_listens();

  stravasync::scratch_folder folder_;
  std::uint16_t port_ = free_port();
  std::optional<process> program_;
};

} // namespace test

/// Ends a test case that needs a pooler where none can be.
#define REQUIRE_PGBOUNCER()                                                    \
  REQUIRE_POSTGRES();                                                          \
  if (auto why = ::test::pgbouncer::missing(); !why.empty())                   \
  SKIP(why)
