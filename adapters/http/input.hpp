#pragma once

#include "adapters/http/problem.hpp"
#include "adapters/http/server.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Checks what comes in before any of it goes on. Each failure is a problem
/// that names the field and its rule.

namespace stravasync::http {

/// A longer cursor of a list of rows is none of ours.
inline constexpr auto cursor_bytes_max = std::size_t{1'024};

/// Reads values one by one and remembers the first problem; after one, values
/// mean nothing.
class input {
public:
  explicit input(const request& from) : from_{from} {
  }

  /// A value of a path: 1 to 2^63 - 1, decimal digits only.
  std::int64_t id(std::string_view field, std::string_view text);

  /// Query parameters. All are optional and may be given once.
  std::uint32_t number(std::string_view name, std::uint32_t least,
                       std::uint32_t most, std::uint32_t otherwise);
  /// Items of a page: "limit", 1 to 200; else 50.
  std::uint32_t limit();
  std::string text(std::string_view name, std::size_t bytes_max);
  /// The same as `id`; 0 if not given.
  std::int64_t id_parameter(std::string_view name);
  /// "Run": letters and digits. Whether there is such a sport is for the
  /// store to say, since Strava adds sports as it likes.
  std::string sport_type(std::string_view name);
  /// "2023-01-31", "2023-01-31T10:00:00Z" or with an offset for the Z.
  /// @returns epoch milliseconds, 0 if not given.
  std::int64_t from_time(std::string_view name);
  /// The same as an end: of a day without a time, the start of the next one.
  std::int64_t to_time(std::string_view name);
  /// Whether a comma-separated list has `value`, the only one it may have.
  bool includes(std::string_view name, std::string_view value);

  /// Adds a problem that the caller found.
  void refuse(problem what);

  /// The first problem. Call it last: a query parameter that nobody has read
  /// is one.
  [[nodiscard]] std::optional<problem> trouble();

private:
  std::optional<std::string_view> parameter(std::string_view name);
  std::int64_t time(std::string_view name, bool whole_day);

  const request& from_;
  std::vector<std::string_view> known_;
  std::optional<problem> trouble_;
};

/// A 415 unless the body is of type application/json.
[[nodiscard]] std::optional<problem> media_type_problem(const request& from);

/// Reads the body `{"<member>": "<text>"}`, all there may be in it. Problems
/// are 415 for another content type than application/json and 400.
[[nodiscard]] std::optional<problem>
read_json_member(const request& from, std::string_view member,
                 std::string& text);

/// The same for a whole number from 1.
[[nodiscard]] std::optional<problem>
read_json_member(const request& from, std::string_view member,
                 std::int64_t& number);

} // namespace stravasync::http
