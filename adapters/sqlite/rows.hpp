#pragma once

#include "adapters/sql/description.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <string>

/// @file
/// Values in and out of statements. Private to the adapter.

namespace stravasync::sqlite {

/// Gives a statement's cursor and locks back at the end of a scope.
class scoped_reset {
public:
  explicit scoped_reset(SQLite::Statement& statement) : statement_{statement} {
    // nop
  }

  scoped_reset(const scoped_reset&) = delete;
  scoped_reset& operator=(const scoped_reset&) = delete;

  ~scoped_reset() {
    // The code it returns is the last step's, which has been reported.
    static_cast<void>(statement_.tryReset());
  }

private:
  SQLite::Statement& statement_;
};

/// Strings are bound without a copy: they must outlive the statement's steps.
inline void bind_text(SQLite::Statement& to, int index,
                      const std::string& value, bool bytes) {
  if (bytes)
    to.bindNoCopy(index, static_cast<const void*>(value.data()),
                  static_cast<int>(value.size()));
  else
    to.bindNoCopy(index, value);
}

inline void
bind_value(SQLite::Statement& to, int index, const column_value& value) {
  if (auto* integer = std::get_if<std::int64_t>(&value))
    to.bind(index, *integer);
  else if (auto* real = std::get_if<double>(&value))
    to.bind(index, *real);
  else if (auto* text = std::get_if<std::string>(&value))
    bind_text(to, index, *text, false);
  else
    to.bind(index);
}

template <class Member>
void bind_member(SQLite::Statement& to, int index, const Member& value,
                 bool bytes) {
  if constexpr (requires { value.has_value(); }) {
    if (value)
      bind_member(to, index, *value, bytes);
    else
      to.bind(index);
  } else if constexpr (std::is_same_v<Member, std::string>)
    bind_text(to, index, value, bytes);
  else if constexpr (std::is_same_v<Member, bool>)
    to.bind(index, std::int64_t{value});
  else
    to.bind(index, value);
}

/// Binds the row's columns in order, from the first parameter on.
/// @param without Name of a column to leave out, or empty.
template <class Entity>
void bind_row(SQLite::Statement& to, const Entity& row,
              std::string_view without = {}) {
  auto index = 0;
  sql::for_each_column<Entity>([&](const auto& column) {
    if (column.name != without)
      bind_member(to, ++index, row.*column.member,
                  column.holds == sql::string_kind::bytes);
  });
}

template <class Member>
void read_member(const SQLite::Statement& from, int index, Member& value) {
  if constexpr (requires { value.has_value(); }) {
    if (!from.isColumnNull(index))
      read_member(from, index, value.emplace());
  } else {
    auto column = from.getColumn(index);
    if constexpr (std::is_same_v<Member, std::string>) {
      auto* data = static_cast<const char*>(column.getBlob());
      if (data != nullptr)
        value.assign(data, static_cast<std::size_t>(column.getBytes()));
    } else if constexpr (std::is_same_v<Member, bool>)
      value = column.getInt() != 0;
    else if constexpr (std::is_same_v<Member, double>)
      value = column.getDouble();
    else
      value = column.getInt64();
  }
}

/// Reads the columns in order, from the first result column on.
template <class Entity>
[[nodiscard]] Entity read_row(const SQLite::Statement& from) {
  auto row = Entity{};
  auto index = 0;
  sql::for_each_column<Entity>([&](const auto& column) {
    read_member(from, index++, row.*column.member);
  });
  return row;
}

} // namespace stravasync::sqlite
