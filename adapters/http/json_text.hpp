#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

/// @file
/// Writing JSON straight into a string, for answers that are asked for often.

namespace stravasync::http {

/// Appends `text` in quotes, escaped. `text` must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

void append_json_number(std::string& out, std::int64_t number);

/// The shortest text that reads back as the same number; null unless finite.
void append_json_number(std::string& out, double number);

/// "2023-09-03T22:29:20Z", in quotes: whole seconds, for epoch milliseconds
/// of the years 0 to 9999.
void append_json_time(std::string& out, std::int64_t unix_ms);

/// A JSON object being written; closed by its destructor. Names are literals
/// that need no escape.
class json_object {
public:
  explicit json_object(std::string& out);
  json_object(const json_object&) = delete;
  json_object& operator=(const json_object&) = delete;
  ~json_object();

  /// Writes the name and returns the text, for the caller to write the value.
  std::string& value_of(std::string_view name);

  json_object& text(std::string_view name, std::string_view value);
  /// null if `value` is empty.
  json_object& text_or_null(std::string_view name, std::string_view value);
  json_object& number(std::string_view name, double value);
  json_object& flag(std::string_view name, bool value);
  json_object& null(std::string_view name);
  json_object& time(std::string_view name, std::int64_t unix_ms);
  /// null if `unix_ms` is 0.
  json_object& time_or_null(std::string_view name, std::int64_t unix_ms);

  template <std::integral T>
  json_object& number(std::string_view name, T value) {
    append_json_number(value_of(name), static_cast<std::int64_t>(value));
    return *this;
  }

private:
  std::string& out_;
  char separator_ = '{';
};

} // namespace stravasync::http
