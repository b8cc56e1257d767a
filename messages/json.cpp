#include "messages/json.hpp"

#include "messages/text/hex.hpp"
#include "messages/text/utf8.hpp"
#include "messages/units.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <set>

namespace stravasync {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= 0x20) {
    out += c;
    return;
  }
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", c);
  out += text.data();
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 32> text{};
  auto* end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void append_bytes(std::string& out, const std::string& bytes) {
  if (is_utf8(bytes))
    return append_quoted(out, bytes);
  out += R"({"hex":")" + to_hex(bytes) + "\"}";
}

/// One value of a field. @param index Of a repeated field; -1 otherwise.
void append_value(std::string& out, const Message& of,
                  const FieldDescriptor& field, int index) {
  const auto& look = *of.GetReflection();
  auto value = [&](auto one, auto repeated) {
    return index < 0 ? (look.*one)(of, &field)
                     : (look.*repeated)(of, &field, index);
  };
  using look_at = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      out += std::to_string(
        value(&look_at::GetInt32, &look_at::GetRepeatedInt32));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      out += std::to_string(
        value(&look_at::GetInt64, &look_at::GetRepeatedInt64));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      out += std::to_string(
        value(&look_at::GetUInt32, &look_at::GetRepeatedUInt32));
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      out += std::to_string(
        value(&look_at::GetUInt64, &look_at::GetRepeatedUInt64));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return append_double(
        out, value(&look_at::GetDouble, &look_at::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return append_double(
        out, value(&look_at::GetFloat, &look_at::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_BOOL:
      out += value(&look_at::GetBool, &look_at::GetRepeatedBool) ? "true"
                                                                 : "false";
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      // A number that only a newer version knows gets a name made of it.
      return append_quoted(
        out, value(&look_at::GetEnum, &look_at::GetRepeatedEnum)->name());
    case FieldDescriptor::CPPTYPE_STRING:
      return append_bytes(
        out, value(&look_at::GetString, &look_at::GetRepeatedString));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return append_json(out, index < 0
                                ? look.GetMessage(of, &field)
                                : look.GetRepeatedMessage(of, &field, index));
  }
}

void append_field(std::string& out, const Message& of,
                  const FieldDescriptor& field) {
  if (!field.is_repeated())
    return append_value(out, of, field, -1);
  out += '[';
  auto size = of.GetReflection()->FieldSize(of, &field);
  for (auto i = 0; i < size; ++i) {
    if (i > 0)
      out += ',';
    append_value(out, of, field, i);
  }
  out += ']';
}

/// Presence is shown where it means something: messages and optional fields.
bool is_shown(const Message& of, const FieldDescriptor& field) {
  return !field.has_presence() || of.GetReflection()->HasField(of, &field);
}

} // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    auto length = utf8_length(text);
    if (length == 1)
      append_escaped(out, text.front());
    else
      out += length == 0 ? utf8_replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_json(std::string& out, const Message& message) {
  const auto& type = *message.GetDescriptor();
  auto separator = '{';
  auto name = [&](std::string_view field) {
    out += separator;
    separator = ',';
    append_quoted(out, field);
    out += ':';
  };
  for (auto i = 0; i < type.field_count(); ++i)
    if (const auto& field = *type.field(i); is_shown(message, field)) {
      name(field.name());
      append_field(out, message, field);
    }
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  if (!unknown.empty()) {
    std::set<int> numbers;
    for (auto i = 0; i < unknown.field_count(); ++i)
      numbers.insert(unknown.field(i).number());
    name("unknown_fields");
    auto before = '[';
    for (auto number : numbers) {
      out += before + std::to_string(number);
      before = ',';
    }
    out += ']';
  }
  if (separator == '{')
    out += separator;
  out += '}';
}

std::string to_iso_8601(std::int64_t unix_ms) {
  auto ms = (unix_ms % ms_per_s + ms_per_s) % ms_per_s;
  auto seconds = static_cast<std::time_t>((unix_ms - ms) / ms_per_s);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S",
                            &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ",
                static_cast<int>(ms));
  return text.data();
}

} // namespace stravasync
