#include "adapters/postgres/binary_format.hpp"

#include "messages/text/utf8.hpp"

#include <array>
#include <bit>
#include <cassert>

namespace stravasync::postgres {

namespace {

using sql::value_kind;

/// Big endian, as everything on the wire.
template <class Integer>
void append(std::string& to, Integer value) {
  auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  for (auto shift = static_cast<int>(sizeof(bits)) * 8 - 8; shift >= 0;
       shift -= 8)
    to += static_cast<char>((bits >> shift) & 0xFFU);
}

void append_sized(std::string& to, std::string_view bytes) {
  append(to, static_cast<std::int32_t>(bytes.size()));
  to += bytes;
}

/// The object id of a built-in type (pg_type.dat); these never change.
std::int32_t type_id(value_kind kind) {
  switch (kind) {
    case value_kind::integer:
      return 20;
    case value_kind::real:
      return 701;
    case value_kind::boolean:
      return 16;
    case value_kind::text:
      return 25;
    case value_kind::bytes:
    case value_kind::verbatim:
      return 17;
  }
  return 0;
}

/// @returns how many bytes from the start can be stored as they are.
std::size_t storable_prefix(std::string_view text) {
  return utf8_prefix(text.substr(0, text.find('\0')));
}

constexpr auto header_size = std::size_t{20};

} // namespace

std::string storable_text(std::string_view text) {
  auto result = std::string{};
  result.reserve(text.size());
  while (true) {
    auto good = storable_prefix(text);
    result += text.substr(0, good);
    if (good == text.size())
      return result;
    result += utf8_replacement;
    text.remove_prefix(good + 1);
  }
}

std::string encode(std::int64_t value) {
  auto result = std::string{};
  append(result, value);
  return result;
}

std::string encode(const std::string& value) {
  return storable_text(value);
}

std::string encode(const column_value& value, value_kind kind) {
  assert(sql::fits(value, kind));
  auto result = std::string{};
  switch (kind) {
    case value_kind::integer:
      append(result, std::get<std::int64_t>(value));
      break;
    case value_kind::boolean:
      result += std::get<std::int64_t>(value) != 0 ? '\1' : '\0';
      break;
    case value_kind::real:
      append(result, std::bit_cast<std::int64_t>(std::get<double>(value)));
      break;
    case value_kind::text:
      result = storable_text(std::get<std::string>(value));
      break;
    case value_kind::bytes:
    case value_kind::verbatim:
      result = std::get<std::string>(value);
      break;
  }
  return result;
}

std::string encode(std::span<const std::int64_t> values) {
  auto column = encoded_column{value_kind::integer, values.size()};
  for (auto value : values)
    column.add(value);
  return std::move(column).take();
}

encoded_column::encoded_column(value_kind kind, std::size_t size)
  : kind_{kind} {
  bytes_.reserve(header_size + size * 12);
  append(bytes_, std::int32_t{size == 0 ? 0 : 1}); // Dimensions.
  append(bytes_, std::int32_t{0});                 // Whether one is null.
  append(bytes_, type_id(kind));
  if (size == 0)
    return;
  append(bytes_, static_cast<std::int32_t>(size));
  append(bytes_, std::int32_t{1}); // The first index.
}

void encoded_column::add_null() {
  append(bytes_, std::int32_t{-1});
  has_null_ = true;
}

void encoded_column::add(bool value) {
  append(bytes_, std::int32_t{1});
  bytes_ += value ? '\1' : '\0';
}

void encoded_column::add(std::int64_t value) {
  append(bytes_, std::int32_t{8});
  append(bytes_, value);
}

void encoded_column::add(double value) {
  append(bytes_, std::int32_t{8});
  append(bytes_, std::bit_cast<std::int64_t>(value));
}

void encoded_column::add(const std::string& value) {
  if (kind_ == value_kind::text && storable_prefix(value) != value.size())
    append_sized(bytes_, storable_text(value));
  else
    append_sized(bytes_, value);
}

std::string encoded_column::take() && {
  if (has_null_)
    bytes_[7] = '\1';
  return std::move(bytes_);
}

std::string_view type_name(value_kind kind) {
  switch (kind) {
    case value_kind::integer:
      return "bigint";
    case value_kind::real:
      return "double precision";
    case value_kind::boolean:
      return "boolean";
    case value_kind::text:
      return "text";
    case value_kind::bytes:
    case value_kind::verbatim:
      return "bytea";
  }
  return {};
}

std::string decode_hex(std::string_view text) {
  auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  };
  assert(text.starts_with("\\x") && text.size() % 2 == 0);
  text.remove_prefix(2);
  auto result = std::string(text.size() / 2, '\0');
  for (auto i = std::size_t{0}; i < result.size(); ++i)
    result[i]
      = static_cast<char>((digit(text[2 * i]) << 4U) | digit(text[2 * i + 1]));
  return result;
}

} // namespace stravasync::postgres
