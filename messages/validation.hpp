#pragma once

#include "messages/contracts.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// @file
/// The rules that a message keeps, whoever sent it. What comes from a stream or
/// as a question is input: each edge reads it by these functions, `decode`
/// included.

namespace stravasync {

/// A payload may be so large when it is no longer compressed, in bytes.
inline constexpr auto plain_bytes_max = std::size_t{20} << 20;

/// Reads a message whatever its fields say, within bounds on its size and on
/// the number of its elements: a few bytes must not become gigabytes.
/// @returns whether it is well-formed and within them.
[[nodiscard]] bool
parse_bounded(std::string_view bytes, google::protobuf::Message& out);

/// The same of an envelope's payload, which may be compressed, if its type is
/// `out`'s.
[[nodiscard]] bool
parse_payload(const envelope& from, google::protobuf::Message& out);

/// @returns the first field that breaks a rule of the message's contract and
/// that rule, such as "run_id must be 1 to 128 of A-Z a-z 0-9 _ -"; empty if
/// all keep theirs.
[[nodiscard]] std::string fault_of(const google::protobuf::Message& message);

/// The same of a message's headers.
[[nodiscard]] std::string fault_of(const header_map& headers);

/// A question to another node may be so large, in bytes.
inline constexpr auto question_bytes_max = std::size_t{64} << 10;

} // namespace stravasync
