#include "messages/json.hpp"

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

constexpr auto replacement = std::string_view{"\xEF\xBF\xBD"};

/// @returns the length of the UTF-8 sequence that `text` begins with, or 0.
std::size_t sequence_length(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  auto lead = byte(0);
  if (lead < 0x80)
    return 1;
  auto length = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length)
    return 0;
  for (auto i = std::size_t{1}; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80)
      return 0;
  // Overlong forms, surrogates and what is above U+10FFFF.
  auto second = byte(1);
  auto wrong = (lead == 0xE0 && second < 0xA0)
               || (lead == 0xED && second > 0x9F)
               || (lead == 0xF0 && second < 0x90)
               || (lead == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = sequence_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

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
    auto length = sequence_length(text);
    if (length == 1)
      append_escaped(out, text.front());
    else
      out += length == 0 ? replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::string as_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto length = sequence_length(text);
    result += length == 0 ? replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
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

std::string to_hex(std::string_view bytes) {
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  std::string result;
  result.reserve(bytes.size() * 2);
  for (auto c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    result += digits[byte >> 4U];
    result += digits[byte & 0xFU];
  }
  return result;
}

std::string from_hex(std::string_view hex) {
  std::string result;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    auto byte = 0U;
    auto [end, failed] = std::from_chars(hex.data(), hex.data() + 2, byte, 16);
    if (failed != std::errc{} || end != hex.data() + 2)
      break;
    result += static_cast<char>(byte);
  }
  return result;
}

std::string to_iso_8601(std::int64_t unix_ms) {
  constexpr auto ms_per_s = std::int64_t{1'000};
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
