#pragma once

#include "adapters/postgres/binary_format.hpp"
#include "adapters/postgres/server_link.hpp"

#include <charconv>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Rows in and out of statements. Private to the adapter.

namespace stravasync::postgres {

/// @returns one parameter per column of the entity, in order.
/// @param which Positions in `rows`, in the order to send them in.
template <class Entity>
[[nodiscard]] std::vector<std::string>
encode_rows(std::span<const Entity> rows, std::span<const std::size_t> which) {
  auto result = std::vector<std::string>{};
  result.reserve(sql::column_count<Entity>);
  auto next_shape = sql::shape_of<Entity>.columns.begin();
  sql::for_each_column<Entity>([&](const auto& column) {
    auto encoded = encoded_column{(next_shape++)->kind, which.size()};
    for (auto i : which) {
      const auto& value = rows[i].*column.member;
      if constexpr (requires { value.has_value(); }) {
        if (value)
          encoded.add(*value);
        else
          encoded.add_null();
      } else
        encoded.add(value);
    }
    result.push_back(std::move(encoded).take());
  });
  return result;
}

/// @returns a number in the form that PostgreSQL prints.
template <class Number>
[[nodiscard]] Number parse_number(std::string_view text) {
  auto value = Number{};
  // Also takes Infinity and NaN.
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <class Member>
void read_member(std::string_view text, Member& value, bool bytes) {
  if constexpr (std::is_same_v<Member, std::string>)
    value = bytes ? decode_hex(text) : std::string{text};
  else if constexpr (std::is_same_v<Member, bool>)
    value = text == "t";
  else
    value = parse_number<Member>(text);
}

/// Reads field `index` of a row; null leaves `value` as it is.
template <class Member>
void read_field(const pqxx::row& from, int index, Member& value,
                bool bytes = false) {
  auto field = from[static_cast<pqxx::row::size_type>(index)];
  if (field.is_null())
    return;
  auto text = std::string_view{field.c_str(), field.size()};
  if constexpr (requires { value.has_value(); })
    read_member(text, value.emplace(), bytes);
  else
    read_member(text, value, bytes);
}

/// Reads the columns in order, from the first result column on.
template <class Entity>
[[nodiscard]] Entity read_row(const pqxx::row& from) {
  auto row = Entity{};
  auto index = 0;
  sql::for_each_column<Entity>([&](const auto& column) {
    read_field(from, index++, row.*column.member,
               column.holds != sql::string_kind::text);
  });
  return row;
}

template <class Entity>
[[nodiscard]] std::vector<Entity> read_rows(const pqxx::result& from) {
  auto rows = std::vector<Entity>{};
  rows.reserve(static_cast<std::size_t>(from.size()));
  for (const auto& each : from)
    rows.push_back(read_row<Entity>(each));
  return rows;
}

} // namespace stravasync::postgres
