#include "tests/adapters/postgres/postgres_fixture.hpp"

#include <chrono>

namespace stravasync::postgres {

namespace {

using contract::make_activity;
using contract::make_athlete;
using contract::make_message;

struct fault_fixture : postgres_fixture {
  std::unique_ptr<store_session> session = make_database();

  /// Ends the adapter's connections, as a restart of the server would.
  void cut_connections() const {
    run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'stravasync' AND datname = '"
        + database + "'");
  }

  /// Runs `statement` in the server before each row of `table` is written.
  void on_insert(const std::string& table, const std::string& statement,
                 const std::string& when = "BEFORE INSERT") const {
    run("CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN "
        + statement + "; RETURN NEW; END $$; CREATE "
        + (when == "BEFORE INSERT" ? "" : "CONSTRAINT ") + "TRIGGER act " + when
        + " ON " + table
        + (when == "BEFORE INSERT" ? "" : " DEFERRABLE INITIALLY DEFERRED")
        + " FOR EACH ROW EXECUTE FUNCTION act()");
  }

  void raise_on_insert(const std::string& sqlstate) const {
    on_insert("athlete",
              "RAISE EXCEPTION 'as if' USING ERRCODE = '" + sqlstate + "'");
  }
};

} // namespace

TEST_CASE("a server that is killed is unavailable, and the same data is there "
          "when it is back") {
  REQUIRE_POSTGRES();
  auto server = postgres_server{{.durable = true}};
  auto opts = options_for(server, server.create_database());
  REQUIRE(migrate(opts));
  auto session = open_session(opts);
  REQUIRE(session);
  REQUIRE_FALSE(add_athlete(**session));
  server.kill();
  auto failure = add_athlete(**session, 2);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(code_of(problem(opts)) == ec::unavailable);
  server.start();
  auto fresh = open_session(opts);
  REQUIRE(fresh);
  CHECK(code_of(add_athlete(**fresh)) == ec::already_exists);
  // The server may have taken it, and died before it could say so.
  auto again = add_athlete(**fresh, 2);
  CHECK((!again || code_of(again) == ec::already_exists));
}

TEST_CASE_METHOD(fault_fixture, "a connection lost between transactions is "
                                "made anew") {
  REQUIRE_FALSE(add_athlete(*session));
  cut_connections();
  CHECK_FALSE(add_athlete(*session, 2));
  cut_connections();
  auto runs = 0;
  CHECK_FALSE(session->read([&](transaction& tx) {
    ++runs;
    auto row = tx.athletes().get({std::int64_t{1}});
    return row ? caf::error{} : row.error();
  }));
  CHECK(runs == 1);
}

TEST_CASE_METHOD(fault_fixture, "a connection lost before the commit is made "
                                "anew and the work run again") {
  auto runs = 0;
  CHECK_FALSE(session->write([&](transaction& tx) -> caf::error {
    auto first = tx.athletes().create(make_athlete(1));
    if (!first)
      return first.error();
    if (++runs == 1)
      cut_connections();
    auto second = tx.athletes().create(make_athlete(2));
    return second ? caf::error{} : second.error();
  }));
  CHECK(runs == 2);
  CHECK(number("SELECT count(*) FROM athlete") == 2);
}

TEST_CASE_METHOD(fault_fixture, "a connection that is lost again and again "
                                "ends in unavailable") {
  auto failure = session->write([&](transaction& tx) -> caf::error {
    cut_connections();
    auto row = tx.athletes().create(make_athlete(1));
    return row ? caf::error{} : row.error();
  });
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(number("SELECT count(*) FROM athlete") == 0);
}

TEST_CASE_METHOD(fault_fixture, "work is not run again if nobody knows whether "
                                "it was committed") {
  on_insert("outbox", "PERFORM pg_terminate_backend(pg_backend_pid())",
            "AFTER INSERT");
  auto runs = 0;
  auto failure = session->write([&](transaction& tx) {
    ++runs;
    auto row = tx.outbox().create(make_message("a"));
    return row ? caf::error{} : row.error();
  });
  CHECK(runs == 1);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "unknown"));
}

TEST_CASE_METHOD(fault_fixture, "a statement that takes too long is ended, and "
                                "the session goes on") {
  opts.statement_timeout = std::chrono::milliseconds{100};
  auto hasty = open();
  on_insert("athlete", "PERFORM pg_sleep(20)");
  auto failure = add_athlete(*hasty);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "statement time-out of 100 ms"));
  run("DROP TRIGGER act ON athlete");
  CHECK_FALSE(add_athlete(*hasty));
}

TEST_CASE_METHOD(fault_fixture, "a table or column that goes under way is the "
                                "operator's, and no conflict") {
  auto find = [&] {
    return session->read([](transaction& tx) -> caf::error {
      auto row = tx.activities().get({std::int64_t{1}});
      return row ? caf::error{} : row.error();
    });
  };
  auto is_said = [&](const caf::error& failure, std::string_view what) {
    INFO(detail_of(failure));
    CHECK(code_of(failure) == ec::denied);
    CHECK(mentions(failure, "lacks a table or column: "));
    CHECK(mentions(failure, what));
    CHECK(mentions(failure, "run `stravasync migrate`"));
    CHECK_FALSE(mentions(failure, "LINE"));
    CHECK_FALSE(mentions(failure, "^"));
  };
  REQUIRE_FALSE(add_athlete(*session));
  run("ALTER TABLE activity RENAME TO elsewhere");
  is_said(find(), "\"activity\" does not exist");
  run("ALTER TABLE elsewhere RENAME TO activity");
  CHECK_FALSE(find());
  run("ALTER TABLE athlete RENAME COLUMN scope TO elsewhere");
  is_said(add_athlete(*session, 2), "\"scope\"");
  run("ALTER TABLE athlete RENAME COLUMN elsewhere TO scope");
  CHECK_FALSE(add_athlete(*session, 2));
}

TEST_CASE_METHOD(fault_fixture, "a database that goes under way is no mistake "
                                "of who asks") {
  cut_connections();
  server.run("postgres",
             "ALTER DATABASE " + database + " RENAME TO " + database + "_away");
  auto failure = add_athlete(*session);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "does not exist"));
  server.run("postgres",
             "ALTER DATABASE " + database + "_away RENAME TO " + database);
  CHECK_FALSE(add_athlete(*session));
}

TEST_CASE_METHOD(fault_fixture, "a full disk is unavailable") {
  raise_on_insert("53100");
  auto failure = add_athlete(*session);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "no room left"));
}

TEST_CASE_METHOD(fault_fixture, "a database that takes no writes says so") {
  raise_on_insert("25006");
  auto failure = add_athlete(*open());
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "read-only"));
}

TEST_CASE_METHOD(fault_fixture, "an error that is overlooked does not commit "
                                "half of the work") {
  auto failure = session->write([&](transaction& tx) {
    auto good = tx.athletes().create(make_athlete(1));
    CHECK(good);
    auto bad = tx.activities().create(make_activity(1, 99));
    CHECK_FALSE(bad);
    CHECK_FALSE(tx.athletes().get({std::int64_t{1}}));
    return caf::error{};
  });
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(number("SELECT count(*) FROM athlete") == 0);
  CHECK_FALSE(add_athlete(*session));
}

TEST_CASE_METHOD(fault_fixture, "a commit is on disk whatever the server's "
                                "default") {
  run("ALTER DATABASE " + database + " SET synchronous_commit = off");
  auto careful = open();
  on_insert("athlete", "IF current_setting('synchronous_commit') <> 'on' THEN"
                       " RAISE EXCEPTION 'off'; END IF");
  CHECK_FALSE(add_athlete(*careful));
}

} // namespace stravasync::postgres
