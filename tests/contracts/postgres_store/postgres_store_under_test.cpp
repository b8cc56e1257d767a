#include "adapters/postgres/postgres_store.hpp"
#include "tests/contracts/store_contract.hpp"
#include "tests/support/postgres_server.hpp"

namespace stravasync::contract {

namespace {

using test::postgres_server;

postgres::options
options_for(const postgres_server& server, const std::string& database) {
  return {.url = server.url(database), .password = postgres_server::password};
}

/// One server for all tests of this program.
postgres_server& server() {
  static auto instance = postgres_server{};
  return instance;
}

/// @returns the name of a migrated database that is only copied.
const std::string& model() {
  static const auto name = [] {
    auto created = server().create_database();
    must(postgres::migrate(options_for(server(), created)));
    return created;
  }();
  return name;
}

class postgres_store final : public store_under_test {
public:
  store_opener opener() override {
    return [at = options_] { return postgres::open_session(at); };
  }

private:
  std::string database_ = server().create_database(model());
  postgres::options options_ = options_for(server(), database_);
};

} // namespace

std::unique_ptr<store_under_test> make_store_under_test() {
  REQUIRE_POSTGRES();
  return std::make_unique<postgres_store>();
}

} // namespace stravasync::contract
