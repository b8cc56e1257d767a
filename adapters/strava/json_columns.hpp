#pragma once

#include "adapters/strava/timestamp.hpp"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

/// @file
/// Reads a JSON object into a row in one pass: each key is looked up in a table
/// made at compile time, keys that are not in it are skipped.

namespace stravasync::strava {

namespace ondemand = simdjson::ondemand;
using json_value = ondemand::value;

inline simdjson::error_code read(json_value& from, std::string& out) {
  std::string_view text;
  auto error = from.get_string().get(text);
  if (error == simdjson::SUCCESS)
    out = text;
  return error;
}

inline simdjson::error_code read(json_value& from, bool& out) {
  return from.get_bool().get(out);
}

/// Takes a number written as text, too: there is but one way to read it.
inline simdjson::error_code read(json_value& from, double& out) {
  auto error = from.get_double().get(out);
  if (error == simdjson::SUCCESS)
    return error;
  std::string_view text;
  if (from.get_string().get(text) != simdjson::SUCCESS || text.empty())
    return error;
  const auto* end = text.data() + text.size();
  auto [stop, failed] = std::from_chars(text.data(), end, out);
  return failed == std::errc{} && stop == end && std::isfinite(out)
           ? simdjson::SUCCESS
           : error;
}

/// Takes floats too, rounded: Strava writes seconds as 474287.0 at times.
inline simdjson::error_code read(json_value& from, std::int64_t& out) {
  constexpr auto exact_below = 9'007'199'254'740'992.0; // 2^53
  if (from.get_int64().get(out) == simdjson::SUCCESS)
    return simdjson::SUCCESS;
  auto real = 0.0;
  if (auto error = read(from, real))
    return error;
  if (!(std::abs(real) < exact_below))
    return simdjson::NUMBER_OUT_OF_RANGE;
  out = std::llround(real);
  return simdjson::SUCCESS;
}

/// Reads a point in time if `unix_ms` is what the column holds.
inline simdjson::error_code read_time(json_value& from, unix_ms& out) {
  std::string_view text;
  if (auto error = from.get_string().get(text))
    return error;
  auto parsed = parse_timestamp(text);
  if (!parsed)
    return simdjson::INCORRECT_TYPE;
  out = *parsed;
  return simdjson::SUCCESS;
}

inline simdjson::error_code read(json_value& from, std::optional<double>& out) {
  return read(from, out.emplace());
}

inline simdjson::error_code
read_time(json_value& from, std::optional<unix_ms>& out) {
  return read_time(from, out.emplace());
}

/// `null` leaves the default.
template <class T>
simdjson::error_code read_unless_null(json_value& from, T& out) {
  ondemand::json_type type{};
  if (auto error = from.type().get(type))
    return error;
  return type == ondemand::json_type::null ? simdjson::SUCCESS
                                           : read(from, out);
}

template <auto Member, class Row>
simdjson::error_code read_into(json_value& from, Row& row) {
  return read(from, row.*Member);
}

template <auto Member, class Row>
simdjson::error_code read_time_into(json_value& from, Row& row) {
  return read_time(from, row.*Member);
}

/// What makes an object no row.
struct column_fault {
  std::string_view key;  // Of the column; empty: the text as a whole.
  std::string_view rule; // What it must be: "must be a number".
};

/// Which keys of an object go where. Looking a key up costs a hash of four of
/// its characters and one comparison: `seed` is searched, when compiling, so
/// that no two columns share a slot.
template <class Row, std::size_t Size>
class json_columns {
public:
  struct column {
    std::string_view key;
    simdjson::error_code (*read)(json_value&, Row&) = nullptr;
    std::string_view rule; // What `read` takes.
  };

  consteval explicit json_columns(const std::array<column, Size>& columns)
    : columns_(columns) {
    while (!fill_slots())
      ++seed_;
  }

  /// Reads the object `json` into `row`; columns that are absent or null stay
  /// as they are.
  [[nodiscard]] std::optional<column_fault>
  read(std::string_view json, Row& row) const {
    constexpr auto no_object = column_fault{{}, "must be a JSON object"};
    // Both keep their memory from call to call, which is half the speed.
    thread_local ondemand::parser parser;
    thread_local std::string padded;
    padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    padded = json;
    ondemand::document document;
    ondemand::object object;
    auto error = parser
                   .iterate(simdjson::padded_string_view(
                     padded.data(), padded.size(), padded.capacity()))
                   .get(document);
    if (error != simdjson::SUCCESS
        || document.get_object().get(object) != simdjson::SUCCESS)
      return no_object;
    for (auto field : object)
      if (auto fault = read_field(field, row))
        return fault;
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      return no_object;
    return std::nullopt;
  }

private:
  static constexpr auto slot_count = std::size_t{256};
  static constexpr auto empty = std::uint8_t{255};
  static_assert(Size < empty);

  [[nodiscard]] constexpr std::size_t slot_of(std::string_view key) const {
    auto at = [key](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i]));
    };
    if (key.empty())
      return 0;
    auto hash = static_cast<std::uint32_t>(key.size());
    hash = hash * seed_ + at(1 % key.size());
    hash = hash * seed_ + at(key.size() / 2);
    hash = hash * seed_ + at(key.size() - 1);
    return (hash ^ (hash >> 8U)) % slot_count;
  }

  consteval bool fill_slots() {
    slots_.fill(empty);
    for (auto i = std::size_t{0}; i < Size; ++i) {
      auto& slot = slots_.at(slot_of(columns_.at(i).key));
      if (slot != empty)
        return false;
      slot = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  [[nodiscard]] std::optional<column_fault>
  read_field(simdjson::simdjson_result<ondemand::field>& field,
             Row& row) const {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS)
      return column_fault{{}, "must be JSON"};
    auto slot = slots_.at(slot_of(key));
    if (slot == empty || columns_.at(slot).key != key)
      return std::nullopt;
    const auto& into = columns_.at(slot);
    json_value value;
    ondemand::json_type type{};
    auto error = field.value().get(value);
    if (error == simdjson::SUCCESS)
      error = value.type().get(type);
    if (error == simdjson::SUCCESS && type != ondemand::json_type::null)
      error = into.read(value, row);
    if (error == simdjson::SUCCESS)
      return std::nullopt;
    return column_fault{into.key, into.rule};
  }

  std::array<column, Size> columns_;
  std::array<std::uint8_t, slot_count> slots_{};
  std::uint32_t seed_ = 31;
};

} // namespace stravasync::strava
