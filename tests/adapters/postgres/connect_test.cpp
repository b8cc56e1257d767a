#include "adapters/postgres/target.hpp"
#include "tests/adapters/postgres/postgres_fixture.hpp"

#include <cstdlib>

namespace stravasync::postgres {

namespace {

struct connect_fixture : postgres_fixture {
  connect_fixture() {
    static_cast<void>(make_database());
  }
};

} // namespace

TEST_CASE_METHOD(connect_fixture, "a wrong password is refused, not waited "
                                  "for") {
  opts.password = "p'ss of somebody else";
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(mentions(failure, "password authentication failed"));
  CHECK(mentions(failure, "postgresql://tester@127.0.0.1:"));
}

TEST_CASE_METHOD(connect_fixture, "a missing password is asked for") {
  opts.password = "";
  CHECK(code_of(problem(opts)) == ec::invalid_argument);
}

TEST_CASE_METHOD(connect_fixture, "a password may be in the URL, and is not in "
                                  "what is said about it") {
  opts.password = "";
  opts.url = "postgresql://tester:p'ss%20w%5Crd%25@127.0.0.1:"
             + std::to_string(server.port()) + "/" + database;
  CHECK(open() != nullptr);
  CHECK(description_of(opts)
        == "postgresql://tester@127.0.0.1:" + std::to_string(server.port())
             + "/" + database);
  opts.url += "_none";
  CHECK(code_of(problem(opts)) == ec::invalid_argument);
}

TEST_CASE_METHOD(connect_fixture, "a database that does not exist is named") {
  opts.url = server.url("nowhere");
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(mentions(failure, "\"nowhere\" does not exist"));
}

TEST_CASE_METHOD(connect_fixture, "a host that does not exist is unavailable") {
  opts.url = "postgresql://tester@nowhere.invalid/db";
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "nowhere.invalid"));
}

TEST_CASE_METHOD(connect_fixture, "a port without a server is unavailable") {
  opts.url = "postgresql://tester@127.0.0.1:"
             + std::to_string(test::free_port()) + "/db";
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "Connection refused"));
}

TEST_CASE("a URL that is none is refused without showing it") {
  for (const auto* url :
       {"", "mysql://tester:p'ss@localhost/db", "postgresql://a:p'ss%zz@b/c",
        "postgresql://a:p'ss@b/c?no_such_key=1", "host=a password=p'ss"}) {
    INFO(url);
    auto failure = problem({.url = url});
    CHECK(code_of(failure) == ec::invalid_argument);
  }
}

TEST_CASE_METHOD(connect_fixture, "a unix socket is as good as a port") {
  opts.url = server.socket_url(database);
  opts.password = "";
  CHECK(open() != nullptr);
  CHECK(mentions(problem({.url = "postgresql:///db?host=/nowhere"}),
                 "No such file"));
}

TEST_CASE_METHOD(connect_fixture, "a database of another encoding is refused") {
  run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  opts.url = server.url("latin");
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(mentions(failure, "LATIN1"));
}

TEST_CASE_METHOD(connect_fixture, "encryption that the server lacks is "
                                  "refused") {
  opts.url = server.url(database, "?sslmode=require");
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(mentions(failure, "SSL"));
}

TEST_CASE("a connection can be encrypted and the server's name checked") {
  REQUIRE_POSTGRES();
  if (!test::is_installed("openssl"))
    SKIP("openssl is not installed");
  auto server = postgres_server{{.tls = true}};
  auto opts = options_for(server, server.create_database());
  REQUIRE(migrate(opts));
  auto plain = opts.url;
  opts.url = plain + "?sslmode=verify-full&sslrootcert=" + server.certificate();
  // The certificate is for localhost, not for 127.0.0.1.
  auto failure = problem(opts);
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(mentions(failure, "certificate"));
  opts.url.replace(opts.url.find("127.0.0.1"), 9, "localhost");
  auto session = open_session(opts);
  CHECK((session ? "" : detail_of(session.error())) == "");
  auto encrypted = server.run("postgres",
                              "SELECT count(*) FROM pg_stat_ssl"
                              " JOIN pg_stat_activity USING (pid)"
                              " WHERE ssl AND application_name = 'stravasync'");
  CHECK(encrypted[0][0].as<int>() == 1);
}

TEST_CASE_METHOD(connect_fixture, "too many connections are unavailable, not "
                                  "refused") {
  run("DROP ROLE IF EXISTS limited;"
      "CREATE ROLE limited LOGIN PASSWORD 'p''ss' CONNECTION LIMIT 0");
  opts.url = "postgresql://limited@127.0.0.1:" + std::to_string(server.port())
             + "/" + database;
  opts.password = "p'ss";
  CHECK(code_of(problem(opts)) == ec::unavailable);
}

TEST_CASE_METHOD(postgres_fixture, "a connection that was left is the next "
                                   "one's, in the end a session's") {
  REQUIRE(migrate(opts));
  opts.application_name = "one after the other";
  opts.spare = make_spare_links();
  auto connections = [this] {
    return number("SELECT count(*) FROM pg_stat_activity WHERE "
                  "application_name = 'one after the other'");
  };
  REQUIRE(pending_migrations(opts));
  CHECK(connections() == 1);
  REQUIRE(read_setting(opts, "a"));
  REQUIRE(write_setting_once(opts, "a", "1"));
  CHECK(connections() == 1);
  auto first = open();
  CHECK(connections() == 1);
  auto second = open();
  CHECK(connections() == 2);
  CHECK_FALSE(add_athlete(*first));
  CHECK_FALSE(add_athlete(*second, 2));
}

TEST_CASE_METHOD(postgres_fixture, "a connection that was left and is gone "
                                   "since is made anew") {
  REQUIRE(migrate(opts));
  opts.spare = make_spare_links();
  REQUIRE(pending_migrations(opts));
  run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
      "datname = current_database() AND pid <> pg_backend_pid()");
  // Whoever finds that out says that the database is away, once.
  static_cast<void>(read_setting(opts, "a"));
  CHECK(read_setting(opts, "a"));
  CHECK_FALSE(add_athlete(*open()));
}

TEST_CASE("Kerberos is left out unless somebody asks for it") {
  auto conninfo = [](const std::string& url) {
    auto at = target_of({.url = url});
    REQUIRE(at);
    return at->conninfo;
  };
  auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(conninfo("postgresql://a@b/c"), "gssencmode='disable'"));
  CHECK(has(conninfo("postgresql://a@b/c?gssencmode=prefer"),
            "gssencmode='prefer'"));
  CHECK_FALSE(has(conninfo("postgresql://a@b/c?service=x"), "gssencmode"));
  ::setenv("PGGSSENCMODE", "require", 1);
  auto with_variable = conninfo("postgresql://a@b/c");
  ::unsetenv("PGGSSENCMODE");
  CHECK_FALSE(has(with_variable, "gssencmode"));
}

} // namespace stravasync::postgres
