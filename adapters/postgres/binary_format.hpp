#pragma once

#include "actors/ports/store.hpp"
#include "adapters/sql/description.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// @file
/// Parameters in PostgreSQL's binary format: any bytes go as they are, and a
/// whole column of a batch is one parameter. Private to the adapter.

namespace stravasync::postgres {

/// @returns the text with what PostgreSQL refuses in a text (NUL, bytes that
/// are no UTF-8) replaced by U+FFFD.
[[nodiscard]] std::string storable_text(std::string_view text);

/// A value of a column of this kind; `value` must fit it.
[[nodiscard]] std::string
encode(const column_value& value, sql::value_kind kind);

[[nodiscard]] std::string encode(std::int64_t value);

/// A text.
[[nodiscard]] std::string encode(const std::string& value);

[[nodiscard]] std::string encode(std::span<const std::int64_t> values);

/// One column of a batch of rows, as an array.
class encoded_column {
public:
  /// @param size How many values follow.
  encoded_column(sql::value_kind kind, std::size_t size);

  void add_null();
  void add(bool value);
  void add(std::int64_t value);
  void add(double value);
  void add(const std::string& value);

  [[nodiscard]] std::string take() &&;

private:
  sql::value_kind kind_;
  bool has_null_ = false;
  std::string bytes_;
};

/// @returns "bigint", "text" and so on.
[[nodiscard]] std::string_view type_name(sql::value_kind kind);

/// @returns the bytes that "\x0aff" stands for.
[[nodiscard]] std::string decode_hex(std::string_view text);

} // namespace stravasync::postgres
