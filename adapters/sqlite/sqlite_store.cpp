#include "adapters/sqlite/sqlite_store.hpp"

#include "adapters/sql/session_transaction.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/migrate.hpp"
#include "adapters/sqlite/queries.hpp"
#include "adapters/sqlite/repository.hpp"
#include "messages/error.hpp"

#include <cassert>

namespace stravasync::sqlite {

namespace {

using session_transaction
  = sql::session_transaction<table_repository, named_queries>;

class session final : public store_session {
public:
  using work_function = std::function<caf::error(transaction&)>;
  using kind = scoped_transaction::kind;

  session(std::unique_ptr<SQLite::Database> database, std::string path)
    : path_{std::move(path)},
      database_{std::move(database)},
      control_{*database_},
      state_{*database_, path_},
      transaction_{state_} {
    // nop
  }

  using store_session::write;

  /// There is one writer at a time, whatever it is about.
  caf::error
  write(std::span<const std::int64_t>, const work_function& work) override {
    if (auto failure = run(kind::write, work))
      return failure;
    // Had the file vanished meanwhile, the rows would be in nobody's database.
    return check_file(*database_);
  }

  caf::error read(const work_function& work) override {
    return run(kind::read, work);
  }

private:
  caf::error run(kind what, const work_function& work) {
    if (auto failure = check_file(*database_))
      return failure;
    return guarded(path_, [&]() -> caf::error {
      auto scope = scoped_transaction{control_, what};
      state_.begin(what);
      if (auto failure = work(transaction_))
        return failure;
      if (state_.broken())
        return state_.broken();
      scope.commit();
      return caf::none;
    });
  }

  // In the order in which they need each other.
  std::string path_;
  std::unique_ptr<SQLite::Database> database_;
  transaction_control control_;
  session_state state_;
  session_transaction transaction_;
};

caf::error check_schema(SQLite::Database& database) {
  auto missing = missing_migrations(database, sql::sqlite_migrations());
  if (!missing)
    return missing.error();
  if (missing->empty())
    return caf::none;
  return make_failure(ec::conflict,
                      "the database " + database.getFilename() + " lacks "
                        + std::to_string(missing->size())
                        + " migrations: run `stravasync migrate`");
}

} // namespace

caf::expected<std::unique_ptr<store_session>>
open_session(const options& opts) {
  auto database = open_database(opts);
  if (!database)
    return database.error();
  using result = caf::expected<std::unique_ptr<store_session>>;
  return guarded(opts.path, [&]() -> result {
    // Only a new file: bringing an existing one up to date is a decision.
    auto is_new = opts.create && !(*database)->tableExists("schema_migration");
    if (is_new) {
      auto applied = apply_migrations(**database, sql::sqlite_migrations());
      if (!applied)
        return applied.error();
    }
    if (auto failure = check_schema(**database))
      return failure;
    return std::make_unique<session>(std::move(*database), opts.path);
  });
}

} // namespace stravasync::sqlite
