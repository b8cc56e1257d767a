#pragma once

#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace kit {

/// What the kit itself answers with; error category "kit". The context of each
/// is (std::string detail, std::int64_t retry_after_ms), -1 for "unknown".
/// The numbers are fixed: others translate them.
enum class fault : std::uint8_t {
  /// Nobody can answer for now: try again after `retry_after_of`.
  unavailable = 1,
  /// The handler that owed the answer is gone; the outcome is unknown.
  broken_promise = 2,
  /// A handler threw: the detail is the exception's text.
  crashed = 3,
  /// A supervisor's children crashed more often than it tolerates.
  gave_up = 4,
  /// An actor did not stop within its deadline, not even when killed: it is
  /// still running.
  did_not_stop = 5,
};

/// @returns the enumerator's name, or "unknown" for a number out of range.
[[nodiscard]] std::string to_string(fault code);

/// @param detail One sentence for a person, without a full stop.
[[nodiscard]] caf::error
make_fault(fault code, std::string detail,
           std::optional<std::chrono::milliseconds> retry_after = {});

/// @param what Who cannot answer and, where known, why.
/// @param retry_after When asking again makes sense; negative counts as 0.
[[nodiscard]] caf::error
unavailable(std::string what, std::chrono::milliseconds retry_after);

/// @returns the delay in an error of category "kit"; nothing if it is unknown
/// or the error is of another category.
[[nodiscard]] std::optional<std::chrono::milliseconds>
retry_after_of(const caf::error& error);

/// @returns a text for a person: the detail of one of our errors, CAF's
/// rendering of any other, "ended normally" for no error.
[[nodiscard]] std::string describe(const caf::error& error);

/// Whether nobody was there to finish the request, so that asking again later
/// may help: `unavailable`, `broken_promise`, `crashed`, and what CAF answers
/// for an actor that ended (`sec::request_receiver_down`, `sec::runtime_error`
/// and exit reasons).
[[nodiscard]] bool is_lost(const caf::error& error);

} // namespace kit

CAF_ERROR_CODE_ENUM(kit::fault, "kit")
