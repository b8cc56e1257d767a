#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// JSON as text: where its parts stand, and what is wrong with it and where.
/// For what a parser refuses as a whole.

namespace stravasync::strava {

/// What may stand between the parts of a JSON text.
inline constexpr auto blanks = std::string_view{" \t\r\n"};

/// What is wrong with a JSON text.
struct json_fault {
  /// Bytes from the start of the text.
  std::size_t offset = 0;
  /// The value it is in, as a path such as `map.summary_polyline` or
  /// `laps[3].name`; empty: the text as a whole.
  std::string field;
  /// That value, or the rest of the text.
  std::string_view value;
  /// What it must be or not be: "must not hold ...".
  std::string_view rule;
};

struct json_elements {
  /// Without the blanks around them. They may be no JSON themselves.
  std::vector<std::string_view> texts;
  /// Where the text stops being an array; then `texts` are those before.
  std::optional<json_fault> fault;
};

/// Finds the elements of an array by quotes, brackets and commas alone: what is
/// wrong within one of them does not touch the others. Time and memory are
/// linear, however deep the nesting.
[[nodiscard]] json_elements split_array(std::string_view text);

/// @returns the text of member `key` of an object, the last one of that name
/// (as parsers read it), as far as the text can be followed; empty: none.
[[nodiscard]] std::string_view
member_text(std::string_view object, std::string_view key);

/// @returns the first thing that makes `text` no JSON value of RFC 8259 in
/// UTF-8 whose strings are Unicode, or nothing. A nesting beyond 1,024 counts.
[[nodiscard]] std::optional<json_fault> find_fault(std::string_view text);

/// @returns `text` with U+FFFD for what is no Unicode in it: bytes that are no
/// UTF-8, up to 1,000 halves of surrogate pairs. Other faults stay.
[[nodiscard]] std::string with_unicode(std::string_view text);

/// @returns at most 60 bytes of `text` for a sentence, all that is not
/// printable ASCII as `\xNN`; "nothing" if it is empty.
[[nodiscard]] std::string shown(std::string_view text);

} // namespace stravasync::strava
