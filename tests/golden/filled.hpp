#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

/// @file
/// Messages with something in every field, so that none is left out of the
/// documents that are made of them.

namespace stravasync::golden {

/// 2023-09-03T22:29:20Z; later times of samples are near it.
inline constexpr auto some_time_ms = std::int64_t{1'693'780'160'000};

/// What all that JSON, a terminal and a table have to bear.
[[nodiscard]] std::string wild_text();

enum class shape : std::uint8_t {
  /// Each field has a value of its own, made of its name and number; ids are
  /// beyond 2^53, and lists have two items.
  full,
  /// Below 0 and before 1970 wherever that can be; texts and flags are empty.
  negative,
  /// The largest numbers, the last time of the year 9999, texts that are hard
  /// to print, and words that a newer node may say.
  largest,
};

/// Sets every field of `message` and of those in it.
/// @param place Of a message in its list, so that two of them differ.
void fill(google::protobuf::Message& message, shape how, int place = 0);

template <class Message>
[[nodiscard]] Message filled(shape how = shape::full) {
  Message result;
  fill(result, how);
  return result;
}

} // namespace stravasync::golden
