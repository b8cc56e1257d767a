#include "adapters/postgres/migrate.hpp"

#include "tests/adapters/postgres/postgres_fixture.hpp"

#include <algorithm>
#include <array>
#include <future>

namespace stravasync::postgres {

namespace {

constexpr auto steps = std::to_array<sql::migration>({
  {1, "first", "CREATE TABLE a (x int); CREATE TABLE b (x int);"},
  {2, "second", "CREATE TABLE c (x int); INSERT INTO a VALUES (1);"},
});

constexpr auto broken_steps = std::to_array<sql::migration>({
  {1, "first", "CREATE TABLE a (x int);"},
  {2, "broken", "INSERT INTO nowhere VALUES (1);"},
});

struct migrate_fixture : postgres_fixture {
  /// Applies these migrations on a connection of its own.
  [[nodiscard]] caf::expected<std::vector<migration_name>>
  apply(std::span<const sql::migration> known) const {
    auto at = target_of(opts);
    REQUIRE(at);
    auto link = connect_to(*at);
    REQUIRE(link);
    return apply_migrations(**link, *at, known);
  }

  /// Runs one of the schema's, as in a transaction of the migrator's.
  void run_step(std::string_view name) const {
    auto known = sql::postgres_migrations();
    auto step = std::ranges::find(known, name, &sql::migration::name);
    REQUIRE(step != known.end());
    run("BEGIN; " + std::string{step->statements} + "; COMMIT");
  }

  [[nodiscard]] std::optional<std::string>
  stored(std::string_view setting) const {
    auto value = read_setting(opts, setting);
    REQUIRE(value);
    return *value;
  }
};

} // namespace

TEST_CASE_METHOD(migrate_fixture, "a new database lacks every migration, and a "
                                  "migrated one none") {
  auto pending = pending_migrations(opts);
  REQUIRE(pending);
  CHECK(pending->size() == sql::postgres_migrations().size());
  CHECK(number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        == 0);
  CHECK(migrate(opts) == pending);
  CHECK(pending_migrations(opts) == std::vector<migration_name>{});
  CHECK(migrate(opts) == std::vector<migration_name>{});
}

TEST_CASE_METHOD(migrate_fixture, "a database without migrations cannot be "
                                  "opened and says what to run") {
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::conflict);
  CHECK(mentions(failure, "run `stravasync migrate`"));
}

TEST_CASE_METHOD(migrate_fixture, "of migrators at once one works and the "
                                  "others wait for it") {
  auto applied = std::size_t{0};
  auto running
    = std::vector<std::future<caf::expected<std::vector<migration_name>>>>{};
  for (auto i = 0; i < 6; ++i)
    running.push_back(
      std::async(std::launch::async, [this] { return migrate(opts); }));
  for (auto& each : running) {
    auto mine = each.get();
    CHECK((mine ? "" : detail_of(mine.error())) == "");
    applied += mine ? mine->size() : 0;
  }
  CHECK(applied == sql::postgres_migrations().size());
  CHECK(open() != nullptr);
}

TEST_CASE_METHOD(migrate_fixture, "a migration that fails leaves nothing of "
                                  "any") {
  CHECK_FALSE(apply(broken_steps));
  CHECK(number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        == 0);
  auto applied = apply(steps);
  REQUIRE(applied);
  CHECK(applied->size() == 2);
  CHECK(number("SELECT count(*) FROM a") == 1);
}

TEST_CASE_METHOD(migrate_fixture, "only what is missing is applied") {
  REQUIRE(apply(std::span{steps}.first(1)));
  auto applied = apply(steps);
  REQUIRE(applied);
  CHECK(*applied == std::vector<migration_name>{{2, "second"}});
}

TEST_CASE_METHOD(migrate_fixture, "a migration begins when nobody writes") {
  REQUIRE(apply(std::span{steps}.first(1)));
  auto writer = pqxx::connection{server.socket_url(database)};
  auto writes = pqxx::work{writer};
  writes.exec("CREATE TABLE setting (name text)");
  writes.commit();
  auto later = pqxx::work{writer};
  later.exec("LOCK TABLE setting IN ROW EXCLUSIVE MODE");
  auto applied = std::async(std::launch::async, [&] { return apply(steps); });
  until_one_waits();
  CHECK(number("SELECT count(*) FROM pg_tables WHERE tablename = 'c'") == 0);
  // What the migration changes is still the writer's.
  later.exec("INSERT INTO a VALUES (2)");
  later.commit();
  REQUIRE(applied.get());
  CHECK(number("SELECT count(*) FROM a") == 2);
}

TEST_CASE_METHOD(migrate_fixture, "a schema that is newer than the program is "
                                  "refused") {
  static_cast<void>(make_database());
  run("INSERT INTO schema_migration VALUES (9999, 'of_the_future', 0)");
  for (const auto& failure : {problem(opts), migrate(opts).error()}) {
    CHECK(code_of(failure) == ec::conflict);
    CHECK(mentions(failure, "9999"));
    CHECK(mentions(failure, "use a newer program"));
  }
}

TEST_CASE_METHOD(migrate_fixture, "a migration under another name is refused") {
  static_cast<void>(make_database());
  run("UPDATE schema_migration SET name = 'other' WHERE version = 1");
  CHECK(code_of(problem(opts)) == ec::conflict);
}

TEST_CASE_METHOD(migrate_fixture, "the tables of another program are left "
                                  "alone") {
  run("CREATE TABLE activity (mine int)");
  auto applied = migrate(opts);
  REQUIRE_FALSE(applied);
  CHECK(code_of(applied.error()) == ec::conflict);
  CHECK(mentions(applied.error(), "another program"));
  CHECK(number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        == 1);
}

TEST_CASE_METHOD(migrate_fixture, "a user that may not make tables is told") {
  run("REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
      "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'p''ss'");
  opts.url = "postgresql://guest@127.0.0.1:" + std::to_string(server.port())
             + "/" + database;
  opts.password = "p'ss";
  auto applied = migrate(opts);
  REQUIRE_FALSE(applied);
  CHECK(code_of(applied.error()) == ec::denied);
}

TEST_CASE_METHOD(migrate_fixture, "a setting is written once, by whoever comes "
                                  "first") {
  static_cast<void>(make_database());
  CHECK_FALSE(stored("key"));
  CHECK(write_setting_once(opts, "key", "one") == "one");
  CHECK(write_setting_once(opts, "key", "two") == "one");
  REQUIRE_FALSE(write_setting(opts, "key", "three"));
  CHECK(stored("key") == "three");
}

TEST_CASE_METHOD(migrate_fixture,
                 "a database from before totals were kept gets "
                 "those of its activities") {
  auto session = make_database();
  REQUIRE_FALSE(session->write(contract::store_some_activities));
  auto totals = [this] {
    return std::string{
      run("SELECT string_agg(kept::text, ', ' ORDER BY kept) FROM "
          "activity_total AS kept")[0][0]
        .c_str()};
  };
  auto before = totals();
  REQUIRE(before != "");
  run("DROP TABLE activity_total; DROP FUNCTION activity_total_insert,"
      " activity_total_update, activity_total_delete, activity_month,"
      " activity_mm, activity_s CASCADE");
  run_step("activity_totals");
  CHECK(totals() == before);
}

TEST_CASE_METHOD(migrate_fixture, "totals that took half a millimetre to the "
                                  "even one are counted again") {
  auto session = make_database();
  REQUIRE_FALSE(add_athlete(*session));
  auto row = contract::make_activity(2, 1);
  row.distance_m = 0.0005;
  row.total_elevation_gain_m = -0.0025;
  static_cast<void>(add_activity(*session, row));
  run("CREATE OR REPLACE FUNCTION activity_mm(metres double precision) RETURNS "
      "bigint LANGUAGE sql STABLE AS 'SELECT round(metres * 1000)::bigint';"
      "UPDATE activity_total SET distance_mm = 0, elevation_gain_mm = -2");
  run_step("half_millimetres");
  CHECK(number("SELECT distance_mm FROM activity_total") == 1);
  CHECK(number("SELECT elevation_gain_mm FROM activity_total") == -3);
  CHECK(number("SELECT activity_mm(0.0015)") == 2);
}

} // namespace stravasync::postgres
