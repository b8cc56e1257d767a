#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// Text of URLs and forms (RFC 3986, application/x-www-form-urlencoded).

namespace stravasync::http {

/// Names and values in order of appearance; a name may repeat.
using form_fields = std::vector<std::pair<std::string, std::string>>;

enum class plus : bool { literal, space };

/// Undoes "%41". Nothing for an escape that is not two hex digits, for a NUL
/// and for what is not UTF-8 afterwards.
[[nodiscard]] std::optional<std::string>
percent_decode(std::string_view text, plus sign);

/// The same for a path, whose encoded slashes ("%2F") stay as they are: they
/// are no separators.
[[nodiscard]] std::optional<std::string> decode_path(std::string_view text);

/// Escapes all but the unreserved characters of RFC 3986.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Reads a query string or a form body: "a=1&b=x+y". Fails as
/// `percent_decode` does; a field without "=" has an empty value.
[[nodiscard]] std::optional<form_fields> parse_form(std::string_view text);

/// @returns the first value of `name`, if there is one.
[[nodiscard]] std::optional<std::string_view>
find_field(const form_fields& fields, std::string_view name);

} // namespace stravasync::http
