#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace google::protobuf {
class Message;
class MessageLite;
} // namespace google::protobuf

/// @file
/// Names on the bus, all derived from the message types: nobody types a subject
/// or a durable name by hand.

namespace stravasync {

/// Header names. They survive every hop, the dead-letter stream and replay.
namespace header {
inline constexpr auto message_id = std::string_view{"Nats-Msg-Id"};
inline constexpr auto type = std::string_view{"Ss-Type"};
inline constexpr auto traceparent = std::string_view{"traceparent"};
inline constexpr auto cause = std::string_view{"Ss-Cause"};
inline constexpr auto principal = std::string_view{"Ss-Principal"};
inline constexpr auto reason = std::string_view{"Ss-Reason"};
inline constexpr auto attempts = std::string_view{"Ss-Attempts"};
/// Of a dead letter: "<subject>@<stream>:<sequence>" and the id it was
/// published with.
inline constexpr auto origin = std::string_view{"Ss-Origin"};
inline constexpr auto original_id = std::string_view{"Ss-Original-Id"};
} // namespace header

/// Ordered, so that two equal sets of headers are written the same way.
using header_map = std::map<std::string, std::string, std::less<>>;

/// A message as it travels: where to, which one, what it says.
struct envelope {
  std::string subject;
  header_map headers;
  std::string payload; // Protobuf wire format of the type in `Ss-Type`.

  /// @returns the header's value, or an empty string.
  [[nodiscard]] std::string_view header_or_empty(std::string_view name) const;
};

/// A stream that every deployment has.
struct stream_contract {
  std::string_view name;
  std::string_view subjects; // With the wildcard, such as "jobs.>".
  /// When the stream is at its bound: refuse what is new, or drop the oldest.
  bool refuse_when_full;
};

/// JOBS, INGEST, EVENTS, DLQ.
[[nodiscard]] std::span<const stream_contract> streams();

/// What may differ between two messages of one type.
struct envelope_options {
  /// For dedupe: publishing the same id twice stores one message.
  std::string message_id;
  /// Id of the message that led to this one.
  std::string cause;
  std::string traceparent;
  std::string principal;
};

/// @param message A type of jobs, ingest or events; its subject comes from its
/// contract: area.message.athlete, for ActivitiesPage area.message.athlete.run.
[[nodiscard]] envelope make_envelope(const google::protobuf::Message& message,
                                     envelope_options options);

/// @returns whether `from` is of `out`'s type and keeps that contract's rules.
[[nodiscard]] bool decode(const envelope& from, google::protobuf::Message& out);

/// @returns the subject filter that selects every message of `prototype`'s
/// type: "jobs.sync_athlete.>".
[[nodiscard]] std::string
subject_filter(const google::protobuf::Message& prototype);

/// @returns the stream that holds messages of `prototype`'s type.
[[nodiscard]] std::string_view
stream_of(const google::protobuf::Message& prototype);

/// @returns service + message full name:
/// "consumer__stravasync_jobs_v1_SyncAthlete".
[[nodiscard]] std::string
durable_name(std::string_view service,
             const google::protobuf::Message& prototype);

/// @returns the subject on which nodes ask each other a question of this type:
/// "ask.lease_token". No stream takes it.
[[nodiscard]] std::string
request_subject(const google::protobuf::Message& prototype);

/// @returns the subject under which what `durable` gave up on is kept.
[[nodiscard]] std::string dead_letter_subject(std::string_view durable);

/// NATS subject matching: tokens split by '.', '*' one token, '>' the rest.
[[nodiscard]] bool
subject_matches(std::string_view filter, std::string_view subject);

} // namespace stravasync
