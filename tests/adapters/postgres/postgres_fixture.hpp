#pragma once

#include "adapters/postgres/postgres_store.hpp"
#include "messages/error.hpp"
#include "tests/contracts/store_samples.hpp"
#include "tests/support/postgres_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace stravasync::postgres {

using test::postgres_server;

/// @returns the server that most tests of this program share.
[[nodiscard]] postgres_server& shared_server();

/// @returns how to reach a database on `server`.
[[nodiscard]] options
options_for(const postgres_server& server, const std::string& database);

/// An empty database on the shared server, and short ways to use it.
struct postgres_fixture {
  postgres_fixture();

  postgres_server& server;
  std::string database;
  options opts;

  [[nodiscard]] std::unique_ptr<store_session> open() const;

  /// Applies the schema and opens a session.
  [[nodiscard]] std::unique_ptr<store_session> make_database() const;

  /// Runs statements past the adapter.
  pqxx::result run(const std::string& statements) const {
    return server.run(database, statements);
  }

  [[nodiscard]] std::int64_t number(const std::string& query) const {
    return run(query)[0][0].as<std::int64_t>();
  }

  /// Until a session of this database waits for a lock, for 10 s at most.
  void until_one_waits() const {
    auto waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database "
                 "= (SELECT oid FROM pg_database WHERE datname = '"
                 + database + "')";
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (number(waits) == 0) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      std::this_thread::yield();
    }
  }
};

/// @returns why there is no session; there must be none.
[[nodiscard]] caf::error problem(const options& opts);

[[nodiscard]] caf::error
add_athlete(store_session& session, std::int64_t id = 1);

/// @returns the code of the error, if it is one.
[[nodiscard]] ec add_activity(store_session& session, const activity& row);

[[nodiscard]] inline bool
mentions(const caf::error& failure, std::string_view what) {
  return detail_of(failure).find(what) != std::string::npos;
}

} // namespace stravasync::postgres
