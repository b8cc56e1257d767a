#pragma once

#include "adapters/postgres/dialect.hpp"
#include "adapters/postgres/rows.hpp"
#include "adapters/postgres/session_state.hpp"
#include "adapters/sql/session_queries.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace stravasync::postgres {

/// A statement of `sql::session_queries`. Private to the adapter.
class named_statement {
public:
  explicit named_statement(std::string text) : statement_{std::move(text)} {
    // nop
  }

  template <class Member>
  static void read(const pqxx::row& from, int index, Member& value) {
    read_field(from, index, value);
  }

  template <class Entity>
  [[nodiscard]] static Entity read_whole(const pqxx::row& from) {
    return read_row<Entity>(from);
  }

  template <class Each, class... Values>
  void
  for_each_row(session_state& session, Each each, const Values&... values) {
    for (const auto& from : statement_.run(session, {encode(values)...}))
      each(from);
  }

  template <class... Values>
  std::int64_t change(session_state& session, const Values&... values) {
    auto done = statement_.run(session, {encode(values)...});
    return static_cast<std::int64_t>(done.affected_rows());
  }

  /// All of them in one statement.
  std::int64_t
  change_each(session_state& session, std::span<const std::int64_t> ids,
              std::int64_t value) {
    return change(session, ids, value);
  }

private:
  lazy_statement statement_;
};

/// The named queries on PostgreSQL. Private to the adapter.
class named_queries final
  : public sql::session_queries<session_state, named_statement> {
public:
  explicit named_queries(session_state& session)
    : session_queries{session, sql::make_queries(dialect)} {
    // nop
  }
};

} // namespace stravasync::postgres
