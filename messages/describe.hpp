#pragma once

#include "messages/contracts.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

/// @file
/// Messages for people: as JSON, whatever they are.

namespace stravasync {

/// @returns an empty message of this type ("stravasync.jobs.v1.SyncAthlete"),
/// or null if no contract of jobs, ingest or events has it: a newer version's.
[[nodiscard]] std::unique_ptr<google::protobuf::Message>
make_message_of(std::string_view type);

/// Why `decode` refused `message`, in one sentence that names both types.
/// @param wanted What it was decoded as.
[[nodiscard]] std::string
refusal_of(const envelope& message, const google::protobuf::Message& wanted);

/// What a payload says: `json` if a contract has the type in `Ss-Type` and the
/// payload is one; else `hex` and why.
struct payload_description {
  /// An object of the type's fields under their names in the `.proto`: numbers
  /// as numbers, enums by name, bytes as text where they are text, else as
  /// {"hex":"..."}. Fields of a newer version are listed by number in
  /// "unknown_fields".
  std::string json;
  std::string hex;     // The payload as stored, or its beginning.
  std::string problem; // One sentence.
};

/// @param hex_bytes_max So many bytes are shown as hex, the first ones.
[[nodiscard]] payload_description
describe_payload(const envelope& message,
                 std::size_t hex_bytes_max = std::string::npos);

/// Where a message is kept.
struct message_place {
  std::string stream;
  std::uint64_t sequence = 0;
  std::int64_t stored_at_ms = 0;
};

/// @returns one line of JSON: {"stream","sequence","stored_at","subject",
/// "headers":{...},"payload":{...}}, or "payload_hex" and "problem" instead of
/// "payload". `stored_at` is ISO 8601 in UTC with milliseconds.
[[nodiscard]] std::string
describe_message(const envelope& message, const message_place& place);

} // namespace stravasync
