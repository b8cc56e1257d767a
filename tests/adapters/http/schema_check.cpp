#include "tests/adapters/http/schema_check.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cctype>

namespace stravasync::http {

namespace {

namespace json = boost::json;

/// Follows "$ref": "#/components/schemas/Name".
const json::value&
resolved(const json::value& document, const json::value& schema) {
  const auto* ref = schema.as_object().if_contains("$ref");
  if (ref == nullptr)
    return schema;
  auto pointer = std::string{ref->as_string()}.substr(1);
  return document.at_pointer(pointer);
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "null")
    return value.is_null();
  if (type == "string")
    return value.is_string();
  if (type == "boolean")
    return value.is_bool();
  if (type == "integer")
    return value.is_int64() || value.is_uint64();
  if (type == "number")
    return value.is_number();
  if (type == "array")
    return value.is_array();
  return type == "object" && value.is_object();
}

bool has_any_type(const json::value& value, const json::value& types) {
  if (types.is_string())
    return has_type(value, types.as_string());
  return std::ranges::any_of(types.as_array(), [&](const auto& type) {
    return has_type(value, type.as_string());
  });
}

std::string
check_object(const json::value& document, const json::object& schema,
             const json::object& value, const std::string& at) {
  std::string result;
  if (const auto* required = schema.if_contains("required"))
    for (const auto& name : required->as_array())
      if (!value.contains(name.as_string()))
        result += at + " lacks " + std::string{name.as_string()} + "\n";
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr)
    return result;
  for (const auto& [name, member] : value) {
    const auto* known = properties->as_object().if_contains(name);
    auto where = at + "." + std::string{name};
    if (known != nullptr)
      result += violations(document, *known, member, where);
    else if (schema.contains("additionalProperties"))
      result += where + " is not described\n";
  }
  return result;
}

} // namespace

std::string violations(const json::value& document, const json::value& given,
                       const json::value& value, const std::string& at) {
  const auto& schema = resolved(document, given).as_object();
  if (const auto* choices = schema.if_contains("anyOf")) {
    auto fits
      = std::ranges::any_of(choices->as_array(), [&](const auto& choice) {
          return violations(document, choice, value, at).empty();
        });
    return fits ? "" : at + " fits none of its choices\n";
  }
  if (const auto* known = schema.if_contains("enum"))
    if (std::ranges::find(known->as_array(), value) == known->as_array().end())
      return at + " is " + json::serialize(value) + "\n";
  if (const auto* types = schema.if_contains("type"))
    if (!has_any_type(value, *types))
      return at + " is of another type: " + json::serialize(value) + "\n";
  std::string result;
  if (value.is_object())
    result += check_object(document, schema, value.as_object(), at);
  if (const auto* items = schema.if_contains("items"); value.is_array())
    for (const auto& item : value.as_array())
      result += violations(document, *items, item, at + "[]");
  return result;
}

void check_reply(const json::value& document, const std::string& pattern,
                 const std::string& method, int status,
                 const std::string& content_type, const std::string& body) {
  INFO(method << " " << pattern << " gave " << status << ": " << body);
  auto lower = method;
  for (auto& c : lower)
    c = static_cast<char>(std::tolower(c));
  const auto& responses
    = document.at("paths").at(pattern).at(lower).at("responses").as_object();
  const auto* described = responses.if_contains(std::to_string(status));
  REQUIRE(described != nullptr);
  const auto& answer = resolved(document, *described).as_object();
  const auto* content = answer.if_contains("content");
  if (content == nullptr) {
    CHECK(body.empty());
    return;
  }
  auto type = content_type.substr(0, content_type.find(';'));
  REQUIRE(content->as_object().contains(type));
  if (type == "text/plain")
    return;
  const auto& schema = content->at(type).at("schema");
  CHECK(violations(document, schema, json::parse(body)).empty());
}

} // namespace stravasync::http
