#include "adapters/postgres/postgres_store.hpp"
#include "tests/contracts/store_contract.hpp"
#include "tests/support/pgbouncer.hpp"

namespace stravasync::contract {

namespace {

using test::pgbouncer;
using test::postgres_server;

/// One server and one pooler for all tests of this program.
postgres_server& server() {
  static auto instance = postgres_server{};
  return instance;
}

const pgbouncer& pooler() {
  static const auto instance = pgbouncer{server(), "transaction"};
  return instance;
}

/// @returns the name of a database, migrated through the pooler, that is only
/// copied.
const std::string& model() {
  static const auto name = [] {
    auto created = server().create_database();
    must(postgres::migrate({.url = pooler().url(created)}));
    // Or the pooler's own connection keeps it from being copied.
    server().run("postgres", "SELECT pg_terminate_backend(pid) FROM "
                             "pg_stat_activity WHERE datname = '"
                               + created + "'");
    return created;
  }();
  return name;
}

class pooled_store final : public store_under_test {
public:
  store_opener opener() override {
    return [at = options_] { return postgres::open_session(at); };
  }

private:
  std::string database_ = server().create_database(model());
  postgres::options options_{.url = pooler().url(database_)};
};

} // namespace

std::unique_ptr<store_under_test> make_store_under_test() {
  REQUIRE_PGBOUNCER();
  return std::make_unique<pooled_store>();
}

} // namespace stravasync::contract
