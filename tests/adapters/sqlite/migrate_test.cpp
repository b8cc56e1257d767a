#include "adapters/sqlite/migrate.hpp"

#include "tests/adapters/sqlite/sqlite_fixture.hpp"
#include "tests/contracts/store_samples.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>

namespace stravasync::sqlite {

namespace {

struct migrate_fixture : sqlite_fixture {
  /// Runs statements on the file, as another program would.
  void run(const std::string& statements) const {
    auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE
                                                  | SQLite::OPEN_CREATE};
    database.exec(statements);
  }

  [[nodiscard]] std::int64_t number(const std::string& query) const {
    auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
    return database.execAndGet(query).getInt64();
  }

  [[nodiscard]] std::string text(const std::string& query) const {
    auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
    return database.execAndGet(query).getString();
  }

  [[nodiscard]] std::unique_ptr<SQLite::Database> connect() const {
    auto database = open_database(creating());
    REQUIRE(database);
    return std::move(*database);
  }
};

constexpr auto steps = std::to_array<sql::migration>({
  {1, "first", "CREATE TABLE a (x); CREATE TABLE b (x);"},
  {2, "second", "CREATE TABLE c (x); INSERT INTO a VALUES (1);"},
});

constexpr auto broken_steps = std::to_array<sql::migration>({
  {1, "first", "CREATE TABLE a (x);"},
  {2, "broken", "CREATE TABLE c (x); INSERT INTO nowhere VALUES (1);"},
  {3, "third", "CREATE TABLE d (x);"},
});

} // namespace

TEST_CASE_METHOD(migrate_fixture, "a missing database lacks every migration "
                                  "and looking does not make it") {
  auto pending = pending_migrations(creating());
  REQUIRE(pending);
  REQUIRE_FALSE(pending->empty());
  CHECK(pending->front() == migration_name{1, "initial"});
  CHECK_FALSE(std::filesystem::exists(opts.path));
}

TEST_CASE_METHOD(migrate_fixture, "migrating applies what is pending, once") {
  auto pending = pending_migrations(opts);
  REQUIRE(pending);
  auto applied = migrate(creating());
  REQUIRE(applied);
  CHECK(*applied == *pending);
  CHECK(pending_migrations(opts)->empty());
  CHECK(migrate(opts)->empty());
  CHECK(number("SELECT min(applied_at_ms) > 1600000000000 FROM "
               "schema_migration")
        == 1);
}

TEST_CASE_METHOD(migrate_fixture, "the database belongs to its owner only") {
  make_database();
  auto mode = std::filesystem::status(opts.path).permissions();
  CHECK((mode & std::filesystem::perms{0777}) == std::filesystem::perms{0600});
}

TEST_CASE_METHOD(migrate_fixture, "opening with create makes and migrates a "
                                  "missing database") {
  auto session = open_session(creating());
  REQUIRE(session);
  CHECK_FALSE(add_athlete(**session));
}

TEST_CASE_METHOD(migrate_fixture, "many migrators at once apply each migration "
                                  "once") {
  using result = caf::expected<std::vector<migration_name>>;
  auto migrators = std::vector<std::future<result>>{};
  for (auto i = 0; i < 8; ++i)
    migrators.push_back(
      std::async(std::launch::async, [this] { return migrate(creating()); }));
  auto applied = std::size_t{0};
  for (auto& each : migrators) {
    auto got = each.get();
    CHECK(detail_of(got ? caf::error{} : got.error()) == "");
    applied += got ? got->size() : 0;
  }
  CHECK(applied == sql::sqlite_migrations().size());
  CHECK(open());
}

TEST_CASE_METHOD(migrate_fixture, "a database from a newer program is refused "
                                  "with both versions") {
  make_database();
  run("INSERT INTO schema_migration VALUES (96, 'a', 0), (97, 'later', 0)");
  auto known = std::to_string(sql::sqlite_migrations().size());
  for (const auto& failure :
       {problem(), migrate(opts).error(), pending_migrations(opts).error()}) {
    CHECK(code_of(failure) == ec::conflict);
    CHECK(mentions(failure, "has schema version 97, this program knows "
                            "versions up to "
                              + known));
    CHECK(mentions(failure, opts.path));
  }
  CHECK(number("SELECT max(version) FROM schema_migration") == 97);
}

TEST_CASE_METHOD(migrate_fixture, "a database that lacks a migration is not "
                                  "opened") {
  run("");
  CHECK(code_of(problem()) == ec::conflict);
  CHECK(mentions(problem(), "stravasync migrate"));
}

TEST_CASE_METHOD(migrate_fixture, "another program's database is refused and "
                                  "left alone") {
  run("CREATE TABLE bookmarks (url TEXT)");
  for (const auto& failure :
       {migrate(creating()).error(), open_session(creating()).error()}) {
    CHECK(code_of(failure) == ec::conflict);
    CHECK(mentions(failure, "tables of another program"));
  }
  CHECK(number("SELECT count(*) FROM sqlite_master") == 1);
}

TEST_CASE_METHOD(migrate_fixture, "an older database gets only the rest") {
  auto database = connect();
  auto first = apply_migrations(*database, std::span{steps}.first(1));
  REQUIRE(first);
  auto rest = apply_migrations(*database, steps);
  REQUIRE(rest);
  CHECK(*rest == std::vector<migration_name>{{2, "second"}});
  CHECK(number("SELECT count(*) FROM a") == 1);
}

TEST_CASE_METHOD(migrate_fixture, "a migration that fails leaves nothing of "
                                  "itself and keeps those before") {
  auto database = connect();
  auto failed = apply_migrations(*database, broken_steps);
  REQUIRE_FALSE(failed);
  CHECK(mentions(failed.error(), "nowhere"));
  CHECK(number("SELECT max(version) FROM schema_migration") == 1);
  CHECK(number("SELECT count(*) FROM sqlite_master WHERE name IN ('c', 'd')")
        == 0);
  auto fixed = broken_steps;
  fixed[1].statements = "CREATE TABLE c (x);";
  auto applied = apply_migrations(*database, fixed);
  REQUIRE(applied);
  CHECK(applied->size() == 2);
}

TEST_CASE_METHOD(migrate_fixture, "a database with another history is "
                                  "refused") {
  auto database = connect();
  REQUIRE(apply_migrations(*database, steps));
  auto other = steps;
  other[1].name = "something else";
  auto failure = apply_migrations(*database, other).error();
  CHECK(code_of(failure) == ec::conflict);
  CHECK(mentions(failure, "migration 2 (something else) is version 2 (second) "
                          "in the database"));
}

TEST_CASE_METHOD(migrate_fixture,
                 "a database from before totals were kept gets "
                 "those of its activities") {
  make_database();
  auto session = open();
  REQUIRE_FALSE(session->write(contract::store_some_activities));
  auto totals = [this] {
    return text("SELECT group_concat(athlete_id || month || sport_type || "
                "activities || ' ' || distance_mm || ' ' || moving_time_s || "
                "' ' || elevation_gain_mm) FROM activity_total");
  };
  auto before = totals();
  REQUIRE(before != "");
  run("DROP TRIGGER activity_total_update; DROP TRIGGER activity_total_delete;"
      "DROP VIEW activity_share; DROP TABLE activity_total");
  auto known = sql::sqlite_migrations();
  auto step = std::ranges::find(known, "activity_totals",
                                &sql::migration::name);
  REQUIRE(step != known.end());
  run(std::string{step->statements});
  CHECK(totals() == before);
}

} // namespace stravasync::sqlite
