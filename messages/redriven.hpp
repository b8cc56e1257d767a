#pragma once

#include <string_view>

/// @file
/// Header names of dead letters that were sent again, beside those in
/// `messages/contracts.hpp`.

namespace stravasync::header {

/// Of a dead letter: when its stream stored the message, epoch milliseconds.
inline constexpr auto original_stored = std::string_view{"Ss-Original-Stored"};
/// Of a message that was a dead letter: its sequence in DLQ, and the durable
/// that it is meant for. Other durables of its stream have had it.
inline constexpr auto redriven_from = std::string_view{"Ss-Redriven-From"};
inline constexpr auto durable = std::string_view{"Ss-Durable"};
/// Of a dead letter that could not go on because an answer could not be read:
/// what is kept of that, as hex, and "<first byte>/<bytes of all of it>".
inline constexpr auto unread = std::string_view{"Ss-Unread"};
inline constexpr auto unread_at = std::string_view{"Ss-Unread-At"};

/// Of a dead letter: its attempts, one a line, "<epoch ms> <node> <why>", with
/// "= =" for those of the line before. The oldest may be left out.
inline constexpr auto attempt_log = std::string_view{"Ss-Attempt-Log"};
/// Of a dead letter that was too large to be kept: how many bytes its payload
/// had. What it holds is the beginning, and it cannot be sent again.
inline constexpr auto cut_from = std::string_view{"Ss-Cut-From"};

} // namespace stravasync::header
