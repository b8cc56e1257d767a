// Damage in a file that is too large to be checked as a whole at the start.

#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>

namespace stravasync::sqlite {

namespace {

struct large_fixture : sqlite_fixture {
  large_fixture() {
    make_database();
    {
      auto session = open();
      REQUIRE_FALSE(add_athlete(*session));
      REQUIRE_FALSE(add_activities(*session, 1, 1));
    }
    // What is not written costs next to nothing.
    auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
    database.exec("CREATE TABLE ballast (bytes);"
                  "INSERT INTO ballast VALUES (zeroblob(17 << 20))");
  }

  /// Spoils the first page of a table.
  void spoil(const std::string& table) const {
    auto at = std::int64_t{0};
    auto bytes = std::int64_t{0};
    {
      auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
      bytes = database.execAndGet("PRAGMA page_size").getInt64();
      auto page = database
                    .execAndGet("SELECT rootpage FROM sqlite_master WHERE name "
                                "= '"
                                + table + "'")
                    .getInt64();
      at = (page - 1) * bytes;
    }
    auto file = std::fstream{opts.path,
                             std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(at);
    file << std::string(static_cast<std::size_t>(bytes), '\xaa');
    REQUIRE(file.flush());
  }
};

} // namespace

TEST_CASE_METHOD(large_fixture, "a large database is not used when what its "
                                "start needs is damaged") {
  REQUIRE(migrate(opts));
  spoil("setting");
  auto failure = migrate(opts).error();
  CHECK(code_of(failure) == ec::malformed);
  CHECK(mentions(failure, opts.path + " is damaged: "));
}

TEST_CASE_METHOD(large_fixture, "damage among the activities of a large "
                                "database is told when they are read") {
  spoil("activity");
  REQUIRE(migrate(opts));
  auto session = open();
  auto failure = session->read([](transaction& tx) {
    auto found = tx.activities().get({column_value{std::int64_t{1}}});
    return found ? caf::error{} : found.error();
  });
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, opts.path + " is damaged: "));
  // What is elsewhere can be used.
  CHECK(count_activities(*session) == 1);
  CHECK_FALSE(add_athlete(*session, 2));
}

} // namespace stravasync::sqlite
