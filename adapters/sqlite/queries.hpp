#pragma once

#include "adapters/sql/session_queries.hpp"
#include "adapters/sqlite/dialect.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/session_state.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace stravasync::sqlite {

/// A statement of `sql::session_queries`. Private to the adapter.
class named_statement {
public:
  explicit named_statement(std::string text) : statement_{std::move(text)} {
    // nop
  }

  template <class Member>
  static void read(const SQLite::Statement& from, int index, Member& value) {
    read_member(from, index, value);
  }

  template <class Entity>
  [[nodiscard]] static Entity read_whole(const SQLite::Statement& from) {
    return read_row<Entity>(from);
  }

  template <class Each, class... Values>
  void
  for_each_row(session_state& session, Each each, const Values&... values) {
    auto& select = statement_.in(session);
    auto done = scoped_reset{select};
    bind_all(select, values...);
    while (select.executeStep())
      each(select);
  }

  template <class... Values>
  std::int64_t change(session_state& session, const Values&... values) {
    auto& change = statement_.in(session);
    auto done = scoped_reset{change};
    bind_all(change, values...);
    return change.exec();
  }

  std::int64_t
  change_each(session_state& session, std::span<const std::int64_t> ids,
              std::int64_t value) {
    auto hits = std::int64_t{0};
    for (auto id : ids)
      hits += change(session, id, value);
    return hits;
  }

private:
  template <class... Values>
  static void bind_all(SQLite::Statement& to, const Values&... values) {
    auto index = 0;
    (bind_one(to, ++index, values), ...);
  }

  template <class Value>
  static void bind_one(SQLite::Statement& to, int index, const Value& value) {
    if constexpr (std::is_convertible_v<Value, std::span<const std::int64_t>>) {
      auto list = std::string{};
      for (auto each : std::span<const std::int64_t>{value})
        list += (list.empty() ? "[" : ",") + std::to_string(each);
      to.bind(index, list.empty() ? "[]" : list + "]");
    } else
      to.bind(index, value);
  }

  lazy_statement statement_;
};

/// The named queries on SQLite. Private to the adapter.
class named_queries final
  : public sql::session_queries<session_state, named_statement> {
public:
  explicit named_queries(session_state& session)
    : session_queries{session, sql::make_queries(dialect)} {
    // nop
  }
};

} // namespace stravasync::sqlite
