#pragma once

#include "actors/attempts.hpp"
#include "actors/ports/bus.hpp"
#include "messages/dead_letters.pb.h"

#include <caf/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// What a dead letter is: how a message becomes one, how it is read, and how
/// it becomes a message again.

namespace stravasync {

/// Why a durable gave up on a message, and which one it was.
struct burial {
  std::string durable;
  std::string stream;
  std::uint64_t sequence = 0;
  unix_ms stored_at_ms = 0;
  std::string reason;
  std::uint32_t attempts = 1;
  /// Oldest first, without those that took too many bytes.
  std::vector<attempt> log;
};

/// @returns `message` as a dead letter of `why.durable`. Its message id is the
/// same however often and by whomever it is made, so that one is kept. Headers
/// that are too long or too many are cut.
[[nodiscard]] envelope make_dead_letter(envelope message, const burial& why);

/// @returns the letter with the beginning of its payload, for a bus that does
/// not take it whole.
[[nodiscard]] envelope cut_short(envelope letter);

/// @param whole With headers and the payload in words.
[[nodiscard]] query::v1::DeadLetter
describe_dead_letter(const stored_message& letter, bool whole);

[[nodiscard]] bool matches(const query::v1::DeadLetterFilter& filter,
                           const query::v1::DeadLetter& letter, unix_ms now);

/// @returns the message that the letter was, to be published where it came
/// from: what it said and by whom and what it was caused by are as they were,
/// its id is new and always the same for one letter. Fails with `ec::malformed`
/// if the letter does not say where it came from or that is no place of ours:
/// whoever can write to DLQ could write anywhere by it. Fails with
/// `ec::conflict` if it was not kept whole.
[[nodiscard]] caf::expected<envelope> revive(const stored_message& letter);

/// @returns whether `message` was sent again for another durable than this:
/// streams are read by several, and the others have had it.
[[nodiscard]] bool
is_for_another(const envelope& message, std::string_view durable);

} // namespace stravasync
