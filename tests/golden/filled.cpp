#include "tests/golden/filled.hpp"

#include <google/protobuf/descriptor.h>

#include <limits>
#include <stdexcept>
#include <string_view>

namespace stravasync::golden {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto last_time_ms = std::int64_t{253'402'300'799'999};
constexpr auto beyond_doubles = std::int64_t{9'007'199'254'740'993};
/// Between the numbers of one item of a list and the next one's.
constexpr auto place_step = 100;
constexpr auto ms_per_hour = std::int64_t{3'600'000};

bool is_time(std::string_view name) {
  return name.ends_with("_ms") && name != "window_ms"
         && name != "retry_after_ms";
}

bool is_id(std::string_view name) {
  return name == "id" || name.ends_with("_id") || name == "sequence";
}

/// What a field holds is made of its name and this number.
struct value_of {
  std::string name;
  shape how;
  int place;
  std::int64_t number;

  [[nodiscard]] std::int64_t whole() const {
    if (how == shape::largest)
      return is_time(name) ? last_time_ms
                           : std::numeric_limits<std::int64_t>::max();
    if (how == shape::negative)
      return is_time(name) ? -1 - number * ms_per_hour : -number;
    if (is_time(name)) // Not a whole second: what is below one is not shown.
      return some_time_ms + number * ms_per_hour + 789;
    return (is_id(name) ? beyond_doubles : 10'000) + number;
  }

  /// @param most That an unsigned number can be.
  template <class Number>
  [[nodiscard]] Number positive(Number most) const {
    if (how == shape::largest)
      return most;
    return how == shape::negative ? Number{0} : static_cast<Number>(whole());
  }

  [[nodiscard]] double real() const {
    if (how == shape::largest)
      return std::numeric_limits<double>::max();
    auto size = static_cast<double>(number) + 0.1;
    return how == shape::negative ? -size : size;
  }

  [[nodiscard]] std::string text() const {
    if (name == "raw") // JSON, as it came.
      return how == shape::negative ? "[]"
                                    : R"({"id" : 1.50,  "name":"\u00e9 é"})";
    if (name == "payload_json")
      return how == shape::negative ? "{}" : R"({"athlete_id":"7","x":"é"})";
    if (how == shape::negative)
      return {};
    if (name == "unread")
      return "<html>\xFF\x01 é";
    return how == shape::largest ? wild_text()
                                 : name + " " + std::to_string(number) + " é";
  }

  [[nodiscard]] int word(const FieldDescriptor& field) const {
    constexpr auto of_a_newer_node = 99;
    const auto& words = *field.enum_type();
    if (how != shape::full)
      return how == shape::negative ? 0 : of_a_newer_node;
    auto others = words.value_count() - 1; // Than "unspecified".
    return words.value(1 + static_cast<int>(number) % others)->number();
  }
};

void set_field(Message& in, const FieldDescriptor& field,
               const value_of& value) {
  const auto& access = *in.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_FLOAT:
      break; // No contract has such a field.
    case FieldDescriptor::CPPTYPE_INT64:
      return access.SetInt64(&in, &field, value.whole());
    case FieldDescriptor::CPPTYPE_UINT32:
      return access.SetUInt32(
        &in, &field, value.positive(std::numeric_limits<std::uint32_t>::max()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return access.SetUInt64(&in, &field,
                              value.positive(std::uint64_t{
                                std::numeric_limits<std::int64_t>::max()}));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return access.SetDouble(&in, &field, value.real());
    case FieldDescriptor::CPPTYPE_BOOL:
      return access.SetBool(&in, &field, value.how != shape::negative);
    case FieldDescriptor::CPPTYPE_ENUM:
      return access.SetEnumValue(&in, &field, value.word(field));
    case FieldDescriptor::CPPTYPE_STRING:
      return access.SetString(&in, &field, value.text());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fill(*access.MutableMessage(&in, &field), value.how, value.place);
  }
  throw std::logic_error{"what to fill " + field.full_name() + " with?"};
}

/// Two messages, texts, pairs of texts or numbers: no other lists are needed.
void add_items(Message& in, const FieldDescriptor& field,
               const value_of& value) {
  const auto& access = *in.GetReflection();
  for (auto place = 0; place < 2; ++place) {
    auto one = value;
    one.number += place_step * place;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      fill(*access.AddMessage(&in, &field), value.how, place);
    else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
      access.AddString(&in, &field, one.text());
    else if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64)
      access.AddInt64(&in, &field, one.whole());
    else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64)
      access.AddUInt64(&in, &field, static_cast<std::uint64_t>(one.whole()));
    else
      throw std::logic_error{"what to fill " + field.full_name() + " with?"};
  }
}

} // namespace

std::string wild_text() {
  return "\x01\x1F\"\\/\b\f\n\r\t\x7F<&> \xC2\x9B\xE2\x80\xA8\xEF\xBF\xBD"
         "\xE6\x9D\xB1 \xF0\x9F\x9A\xB4\xF4\x8F\xBF\xBF";
}

void fill(Message& message, shape how, int place) {
  const auto& type = *message.GetDescriptor();
  for (auto i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    auto value = value_of{field.name(), how, place,
                          field.number() + place_step * place};
    if (field.is_repeated())
      add_items(message, field, value);
    else
      set_field(message, field, value);
  }
}

} // namespace stravasync::golden
