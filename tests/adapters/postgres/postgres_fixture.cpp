#include "tests/adapters/postgres/postgres_fixture.hpp"

namespace stravasync::postgres {

namespace {

postgres_server& server_or_skip() {
  REQUIRE_POSTGRES();
  return shared_server();
}

} // namespace

postgres_server& shared_server() {
  static auto instance = postgres_server{};
  return instance;
}

options
options_for(const postgres_server& server, const std::string& database) {
  return {.url = server.url(database), .password = postgres_server::password};
}

postgres_fixture::postgres_fixture()
  : server{server_or_skip()},
    database{server.create_database()},
    opts{options_for(server, database)} {
}

std::unique_ptr<store_session> postgres_fixture::open() const {
  auto session = open_session(opts);
  INFO((session ? "" : detail_of(session.error())));
  REQUIRE(session);
  return std::move(*session);
}

std::unique_ptr<store_session> postgres_fixture::make_database() const {
  auto applied = migrate(opts);
  INFO((applied ? "" : detail_of(applied.error())));
  REQUIRE(applied);
  return open();
}

caf::error problem(const options& opts) {
  auto session = open_session(opts);
  REQUIRE_FALSE(session);
  auto detail = detail_of(session.error());
  INFO(detail);
  CHECK(detail.find('\n') == std::string::npos);
  // Every test's passwords hold this.
  CHECK(detail.find("p'ss") == std::string::npos);
  return session.error();
}

caf::error add_athlete(store_session& session, std::int64_t id) {
  return session.write([&](transaction& tx) {
    auto created = tx.athletes().create(contract::make_athlete(id));
    return created ? caf::error{} : created.error();
  });
}

ec add_activity(store_session& session, const activity& row) {
  return code_of(session.write([&](transaction& tx) {
    auto created = tx.activities().create(row);
    return created ? caf::error{} : created.error();
  }));
}

} // namespace stravasync::postgres
