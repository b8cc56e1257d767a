#pragma once

#include "adapters/http/admin_client.hpp"
#include "messages/dead_letters.pb.h"

#include <caf/expected.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// @file
/// What a command asks a node about dead letters. Blocks; errors are those of
/// `admin_client`.

namespace stravasync::http {

/// One letter of an answer.
struct letter_line {
  std::uint64_t id = 0;
  std::string durable;
  std::string subject;
  std::string reason;
  // Of a list:
  std::string dead_since; // ISO 8601.
  std::uint64_t attempts = 0;
  // Of a retry or a drop: why it is still there.
  std::string problem;
  std::string json; // All of it, one line.
};

struct letter_lines {
  std::vector<letter_line> items;
  std::string next_cursor;
};

[[nodiscard]] caf::expected<letter_lines>
list_letters(const admin_client& node, const query::v1::ListDeadLetters& what);

/// @returns the letter's document, as it came.
[[nodiscard]] caf::expected<std::string>
show_letter(const admin_client& node, std::uint64_t id);

/// @param verb "retry" or "drop".
[[nodiscard]] caf::expected<letter_lines>
settle_letters(const admin_client& node, std::string_view verb,
               const query::v1::DeadLetterChoice& choice);

/// A member of a document for people.
struct document_field {
  std::string name;
  std::string value; // Text as it is, anything else as JSON; empty for null.
};

/// @returns the members of a JSON object in their order; each object of a list
/// as a member of its own, its texts on one line.
[[nodiscard]] caf::expected<std::vector<document_field>>
fields_of(const std::string& document);

} // namespace stravasync::http
