#include "adapters/sql/migrations.hpp"
#include "tests/adapters/postgres/postgres_fixture.hpp"
#include "tests/contracts/store_contract.hpp"
#include "tests/support/pgbouncer.hpp"

#include <future>
#include <vector>

namespace stravasync::postgres {

namespace {

test::pgbouncer pooler_or_skip(const std::string& mode) {
  REQUIRE_PGBOUNCER();
  return {shared_server(), mode};
}

/// A migrated database behind a pooler that gives each transaction any of
/// three connections.
struct pooler_fixture : postgres_fixture {
  pooler_fixture() {
    opts.url = pooler.url(database);
    opts.password = "";
    REQUIRE(migrate(opts));
  }

  test::pgbouncer pooler = pooler_or_skip("transaction");
};

caf::error add_one(transaction& tx) {
  auto row = tx.athletes().get({std::int64_t{1}});
  if (!row)
    return row.error();
  (*row)->newest_start_ms += 1;
  return tx.athletes().update(**row);
}

} // namespace

TEST_CASE_METHOD(pooler_fixture, "behind a pooler sessions take turns on few "
                                 "connections") {
  auto sessions = std::vector<std::unique_ptr<store_session>>{};
  for (auto i = 0; i < 8; ++i)
    sessions.push_back(open());
  REQUIRE_FALSE(add_athlete(*sessions[0]));
  for (auto round = 0; round < 3; ++round)
    for (auto& each : sessions)
      CHECK_FALSE(each->write(add_one));
  CHECK(number("SELECT newest_start_ms FROM athlete")
        == contract::make_athlete().newest_start_ms + 24);
}

TEST_CASE_METHOD(pooler_fixture, "behind a pooler writes about one athlete "
                                 "stand in line") {
  auto first = open();
  REQUIRE_FALSE(add_athlete(*first));
  constexpr auto threads = 6;
  constexpr auto each = 15;
  constexpr auto about = std::int64_t{1};
  auto running = std::vector<std::future<std::string>>{};
  for (auto i = 0; i < threads; ++i)
    running.push_back(std::async(std::launch::async, [&] {
      auto mine = open_session(opts);
      if (!mine)
        return detail_of(mine.error());
      for (auto n = 0; n < each; ++n)
        if (auto failure = (*mine)->write({&about, 1}, add_one))
          return detail_of(failure);
      return std::string{};
    }));
  for (auto& one : running)
    CHECK(one.get() == "");
  CHECK(number("SELECT newest_start_ms FROM athlete")
        == contract::make_athlete().newest_start_ms + threads * each);
}

TEST_CASE_METHOD(pooler_fixture, "what a session needs does not stay on the "
                                 "pooler's connections") {
  auto session = open();
  REQUIRE_FALSE(add_athlete(*session));
  auto connection = pqxx::connection{pooler.url(database)};
  auto others = pqxx::nontransaction{connection};
  auto found = others.exec("SELECT current_setting('enable_seqscan'), "
                           "current_setting('statement_timeout')");
  CHECK(std::string{found[0][0].c_str()} == "on");
  CHECK(std::string{found[0][1].c_str()} == "0");
}

TEST_CASE_METHOD(pooler_fixture, "a statement behind a pooler has its time "
                                 "limit") {
  opts.statement_timeout = std::chrono::milliseconds{200};
  auto session = open();
  REQUIRE_FALSE(add_athlete(*session));
  auto holder = pqxx::connection{server.socket_url(database)};
  auto holds = pqxx::work{holder};
  holds.exec("LOCK TABLE athlete IN ACCESS EXCLUSIVE MODE");
  auto failure = session->write(add_one);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "statement time-out of 200 ms"));
  holds.abort();
  CHECK_FALSE(session->write(add_one));
}

TEST_CASE_METHOD(pooler_fixture, "settings are kept behind a pooler") {
  for (auto round = 0; round < 4; ++round) {
    CHECK(contract::must(write_setting_once(opts, "a", "one")) == "one");
    CHECK(contract::must(write_setting_once(opts, "a", "two")) == "one");
    CHECK(contract::must(read_setting(opts, "a")) == "one");
  }
  CHECK_FALSE(write_setting(opts, "a", "third"));
  CHECK(contract::must(read_setting(opts, "a")) == "third");
}

TEST_CASE_METHOD(pooler_fixture, "several migrate at once through a pooler") {
  auto fresh = opts;
  fresh.url = pooler.url(server.create_database());
  auto running = std::vector<std::future<std::size_t>>{};
  for (auto i = 0; i < 3; ++i)
    running.push_back(std::async(std::launch::async, [&] {
      auto applied = migrate(fresh);
      return applied ? applied->size() : std::size_t{1'000};
    }));
  auto applied = std::size_t{0};
  for (auto& one : running)
    applied += one.get();
  CHECK(applied == sql::postgres_migrations().size());
  CHECK(open_session(fresh));
}

TEST_CASE_METHOD(postgres_fixture, "a pooler that takes no transactions is "
                                   "refused by name") {
  REQUIRE(migrate(opts));
  auto pooler = pooler_or_skip("statement");
  auto failure = problem({.url = pooler.url(database)});
  CHECK(code_of(failure) == ec::invalid_argument);
  CHECK(mentions(failure, "the pooler before the database"));
  CHECK(mentions(failure, "pool_mode to transaction or session"));
}

TEST_CASE_METHOD(postgres_fixture, "a pooler in session mode works, too") {
  REQUIRE(migrate(opts));
  auto pooler = pooler_or_skip("session");
  opts.url = pooler.url(database);
  auto session = open();
  CHECK_FALSE(add_athlete(*session));
}

TEST_CASE_METHOD(postgres_fixture, "a database that the pooler does not know "
                                   "is refused, not waited for") {
  auto pooler = pooler_or_skip("transaction");
  CHECK(code_of(problem({.url = pooler.url("nowhere")}))
        == ec::invalid_argument);
}

} // namespace stravasync::postgres
