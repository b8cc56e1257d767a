#pragma once

#include "actors/ports/store.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
/// How a struct becomes a table: what an entity's description consists of, and
/// what can be read off it at compile time. No dialect and no library in here.

namespace stravasync::sql {

/// What a string is to the database.
enum class string_kind : std::uint8_t {
  text, // A database that checks its text may replace what is no UTF-8.
  bytes,
  verbatim, // Text from outside that has to come back byte for byte.
};

/// A named column and the member whose value it holds.
template <class Entity, class Member>
struct column {
  std::string_view name;
  Member Entity::*member;
  string_kind holds = string_kind::text; // Strings only.
};

template <class Entity, class Member>
column(std::string_view, Member Entity::*) -> column<Entity, Member>;

template <class Entity, class Member>
column(std::string_view, Member Entity::*, string_kind)
  -> column<Entity, Member>;

/// Up to two column names; a shorter list ends with an empty one.
using name_list = std::array<std::string_view, 2>;

/// What holds for a table's rows as a whole.
struct table_rules {
  std::string_view name;
  /// The primary key.
  name_list key;
  /// Lists go by these columns, all of them in one direction; together they
  /// are unique.
  name_list order;
  bool descending = false;
  /// The database gives the one key column its value on `create`.
  bool generated_key = false;
  /// An upsert with a smaller value than the stored row's changes nothing.
  std::string_view guard;
  /// When the row became a tombstone: guards against upserts older than that.
  std::string_view tombstone;
  /// Whose row it is: an upsert leaves another's as it is.
  std::string_view owner;
  /// An update needs exactly the stored value plus one here.
  std::string_view version;
};

/// Specialized once per entity, in `adapters/sql/entities.hpp`, with
/// `static constexpr table_rules rules` and `static constexpr std::tuple
/// columns` of `column`s.
template <class Entity>
struct entity;

enum class value_kind : std::uint8_t {
  integer,
  real,
  boolean,
  text,
  bytes,
  verbatim,
};

/// A column without its entity.
struct column_shape {
  std::string_view name;
  value_kind kind = value_kind::integer;
  bool nullable = false;
};

/// A description without its entity: what statements are generated from.
struct table_shape {
  table_rules rules;
  std::span<const column_shape> columns;

  /// @returns the column, or null.
  [[nodiscard]] constexpr const column_shape*
  find(std::string_view name) const {
    for (const auto& each : columns)
      if (each.name == name)
        return &each;
    return nullptr;
  }
};

/// @returns the names that are there.
[[nodiscard]] constexpr std::span<const std::string_view>
names_in(const name_list& list) {
  return {list.data(), list[1].empty() ? std::size_t{1} : std::size_t{2}};
}

/// Calls `visit(column)` for each column of the entity, in order.
template <class Entity, class Visitor>
constexpr void for_each_column(Visitor&& visit) {
  std::apply([&visit](const auto&... each) { (visit(each), ...); },
             entity<Entity>::columns);
}

template <class Entity>
inline constexpr auto column_count
  = std::tuple_size_v<std::remove_const_t<decltype(entity<Entity>::columns)>>;

namespace detail {

template <class T>
struct optional_value {
  using type = T;
};

template <class T>
struct optional_value<std::optional<T>> {
  using type = T;
};

template <class Entity, class Member>
constexpr column_shape shape_of_column(const column<Entity, Member>& from) {
  using value = typename optional_value<Member>::type;
  auto result = column_shape{from.name};
  result.nullable = !std::is_same_v<value, Member>;
  if constexpr (std::is_same_v<value, std::int64_t>)
    result.kind = value_kind::integer;
  else if constexpr (std::is_same_v<value, double>)
    result.kind = value_kind::real;
  else if constexpr (std::is_same_v<value, bool>)
    result.kind = value_kind::boolean;
  else {
    static_assert(std::is_same_v<value, std::string>);
    switch (from.holds) {
      case string_kind::text:
        result.kind = value_kind::text;
        break;
      case string_kind::bytes:
        result.kind = value_kind::bytes;
        break;
      case string_kind::verbatim:
        result.kind = value_kind::verbatim;
        break;
    }
  }
  return result;
}

template <class Entity>
inline constexpr auto column_shapes = std::apply(
  [](const auto&... each) { return std::array{shape_of_column(each)...}; },
  entity<Entity>::columns);

} // namespace detail

/// The shape of an entity's table.
template <class Entity>
inline constexpr auto shape_of
  = table_shape{entity<Entity>::rules, detail::column_shapes<Entity>};

/// Whether every name in an entity's rules is one of its columns.
template <class Entity>
[[nodiscard]] consteval bool is_consistent() {
  constexpr auto rules = entity<Entity>::rules;
  // Compares names only: g++ 12 with a sanitizer does not take a pointer to a
  // column for a constant.
  auto has = [](std::string_view name) {
    auto found = name.empty();
    for (const auto& each : detail::column_shapes<Entity>)
      found = found || each.name == name;
    return found;
  };
  for (auto name : {rules.key[0], rules.key[1], rules.order[0], rules.order[1],
                    rules.guard, rules.tombstone, rules.owner, rules.version})
    if (!has(name))
      return false;
  if (rules.key[0].empty() || rules.order[0].empty())
    return false;
  return !rules.generated_key || rules.key[1].empty();
}

/// @returns a column's value in `row`; `name` must be a column.
template <class Entity>
[[nodiscard]] column_value value_of(const Entity& row, std::string_view name) {
  auto result = column_value{};
  for_each_column<Entity>([&](const auto& each) {
    if (each.name != name)
      return;
    const auto& value = row.*each.member;
    using type = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<type, bool>)
      result = std::int64_t{value};
    else if constexpr (requires { value.has_value(); }) {
      if (value)
        result = *value;
    } else
      result = value;
  });
  return result;
}

/// @returns the values of the row's primary key.
template <class Entity>
[[nodiscard]] std::vector<column_value> key_of(const Entity& row) {
  auto result = std::vector<column_value>{};
  for (auto name : names_in(entity<Entity>::rules.key))
    result.push_back(value_of(row, name));
  return result;
}

/// @returns what to give as `list_query::after` to go on after `row`.
template <class Entity>
[[nodiscard]] std::vector<column_value> order_key_of(const Entity& row) {
  auto result = std::vector<column_value>{};
  for (auto name : names_in(entity<Entity>::rules.order))
    result.push_back(value_of(row, name));
  return result;
}

/// @returns whether `value` is one that a column of this kind can hold.
[[nodiscard]] inline bool fits(const column_value& value, value_kind kind) {
  switch (kind) {
    case value_kind::integer:
    case value_kind::boolean:
      return std::holds_alternative<std::int64_t>(value);
    case value_kind::real:
      return std::holds_alternative<double>(value);
    case value_kind::text:
    case value_kind::bytes:
    case value_kind::verbatim:
      return std::holds_alternative<std::string>(value);
  }
  return false;
}

} // namespace stravasync::sql
