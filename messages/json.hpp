#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

/// @file
/// Writing protobuf messages as JSON for people. Not protobuf's own JSON
/// mapping: that writes 64-bit numbers as strings and bytes in base64, neither
/// of which a person can read.

namespace stravasync {

/// Appends `text` in quotes, escaped; bytes that are no UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);

/// Appends the message as an object; see `payload_description::json`.
void append_json(std::string& out, const google::protobuf::Message& message);

/// "2023-09-03T22:29:20.123Z".
[[nodiscard]] std::string to_iso_8601(std::int64_t unix_ms);

} // namespace stravasync
