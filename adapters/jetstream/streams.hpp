#pragma once

#include "adapters/jetstream/session.hpp"

#include <memory>
#include <string>
#include <vector>

/// @file
/// Streams as such, by JetStream's API.

namespace stravasync::jetstream {

inline constexpr auto bucket_prefix = std::string_view{"KV_"};
/// Keeps the notices for `consumer::subscribe_exhausted`.
inline constexpr auto notices_stream = std::string_view{"ADVISORIES"};

void ensure_stream(const std::shared_ptr<session>& over, stream_config wanted,
                   completion<bool> done);

void apply_stream(const std::shared_ptr<session>& over, stream_config wanted,
                  completion<bool> done);

/// All but buckets and the notices.
void describe_streams(const std::shared_ptr<session>& over,
                      completion<std::vector<stream_state>> done);

/// @param info JetStream's answer about a stream.
[[nodiscard]] stream_state state_from(const json_value& info);

/// @returns the whole configuration of a stream that is made so.
[[nodiscard]] std::string
stream_json(const stream_config& config, std::uint32_t replicas);

/// Answers once the stream can be read, whoever makes it just now. NATS 2.9
/// tells of a stream, also to the second one who asks for it to be made, before
/// it has given it a store, and ends itself when somebody reads it then. A
/// direct read is answered by the stream itself, and by nobody before.
/// @param there Its configuration; one without direct reads is an old one.
void await_store(const std::shared_ptr<session>& over, const std::string& name,
                 const json_value& there, std::function<void()> then);

/// For what has a configuration of its own, such as a bucket; it must allow
/// direct reads. Answers once it can be read.
/// @param json The whole configuration.
void create_stream(const std::shared_ptr<session>& over,
                   const std::string& name, std::string json,
                   completion<bool> done);

} // namespace stravasync::jetstream
