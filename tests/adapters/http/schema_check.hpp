#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace stravasync::http {

/// Compares a value with a schema of an OpenAPI document, as far as ours go:
/// $ref, type, enum, required, properties, additionalProperties, items, anyOf.
/// @returns what is wrong, a line each; empty if nothing is.
[[nodiscard]] std::string
violations(const boost::json::value& document, const boost::json::value& schema,
           const boost::json::value& value, const std::string& at = "$");

/// Checks (Catch2) that the document describes an answer of this status and
/// content type for the operation, and that the body is as it says.
void check_reply(const boost::json::value& document, const std::string& pattern,
                 const std::string& method, int status,
                 const std::string& content_type, const std::string& body);

} // namespace stravasync::http
