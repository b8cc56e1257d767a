#include "adapters/postgres/postgres_store.hpp"

#include "adapters/postgres/migrate.hpp"
#include "adapters/postgres/session.hpp"
#include "messages/error.hpp"

namespace stravasync::postgres {

namespace {

caf::error check_schema(server_link& link, const target& at) {
  auto missing = missing_migrations(link, at, sql::postgres_migrations());
  if (!missing)
    return missing.error();
  if (missing->empty())
    return caf::none;
  return make_failure(ec::conflict, "the schema of the database "
                                      + at.description
                                      + " is not up to date (missing: "
                                      + std::to_string(missing->size())
                                      + "): run `stravasync migrate`");
}

} // namespace

caf::expected<std::unique_ptr<store_session>>
open_session(const options& opts) {
  auto at = target_of(opts);
  if (!at)
    return at.error();
  auto link = link_to(*at, opts);
  if (!link)
    return link.error();
  if (auto failure = check_schema(**link, *at))
    return failure;
  return std::make_unique<session>(std::move(*at), std::move(*link));
}

} // namespace stravasync::postgres
