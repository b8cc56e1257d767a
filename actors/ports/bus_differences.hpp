#pragma once

#include "actors/ports/bus.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// @file
/// How a configuration that exists differs from the one that is wanted: what
/// `ensure` and `subscribe` say when they refuse.

namespace stravasync {

/// One field that differs, its values as a person reads them.
struct difference {
  std::string field;
  std::string exists;
  std::string wanted;
};

/// Compares field by field.
class differences {
public:
  template <class T>
  differences&
  compare(std::string_view field, const T& exists, const T& wanted) {
    if (!(exists == wanted))
      found_.push_back({std::string{field}, text(exists), text(wanted)});
    return *this;
  }

  [[nodiscard]] const std::vector<difference>& found() const {
    return found_;
  }

  /// @returns such as "max_bytes is 1000, not 2000; max_age is 0 ms, not 5 ms".
  [[nodiscard]] std::string to_string() const {
    std::string result;
    for (const auto& one : found_)
      result += (result.empty() ? "" : "; ") + one.field + " is " + one.exists
                + ", not " + one.wanted;
    return result;
  }

private:
  static std::string text(const std::string& value) {
    return "'" + value + "'";
  }

  static std::string text(milliseconds value) {
    return std::to_string(value.count()) + " ms";
  }

  template <class T>
  requires std::is_arithmetic_v<T>
  static std::string text(T value) {
    if constexpr (std::is_same_v<T, bool>)
      return value ? "true" : "false";
    else
      return std::to_string(value);
  }

  std::vector<difference> found_;
};

[[nodiscard]] inline differences
differences_of(const stream_config& exists, const stream_config& wanted) {
  return differences{}
    .compare("subjects", exists.subjects, wanted.subjects)
    .compare("refuse_when_full", exists.refuse_when_full,
             wanted.refuse_when_full)
    .compare("max_age", exists.max_age, wanted.max_age)
    .compare("max_bytes", exists.max_bytes, wanted.max_bytes)
    .compare("dedupe_window", exists.dedupe_window, wanted.dedupe_window);
}

/// Where a durable begins is no difference: one that exists has begun.
[[nodiscard]] inline differences
differences_of(const consumer_options& exists, const consumer_options& wanted) {
  return differences{}
    .compare("filter_subject", exists.filter_subject, wanted.filter_subject)
    .compare("ack_wait", exists.ack_wait, wanted.ack_wait)
    .compare("max_ack_pending", exists.max_ack_pending, wanted.max_ack_pending)
    .compare("max_deliver", exists.max_deliver, wanted.max_deliver);
}

} // namespace stravasync
