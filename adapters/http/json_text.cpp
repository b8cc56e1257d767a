#include "adapters/http/json_text.hpp"

#include "messages/text/hex.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace stravasync::http {

namespace {

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
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
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      append_hex(out, static_cast<unsigned char>(c));
  }
}

void append_padded(std::string& out, unsigned value, int width) {
  std::array<char, 8> digits{};
  for (auto i = width; i > 0; --i) {
    digits.at(static_cast<std::size_t>(i - 1))
      = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits.data(), static_cast<std::size_t>(width));
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i]))
      continue;
    out.append(text, done, i - done);
    append_escaped(out, text[i]);
    done = i + 1;
  }
  out.append(text, done);
  out += '"';
}

void append_json_number(std::string& out, std::int64_t number) {
  std::array<char, 24> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                           number);
  out.append(digits.data(), end.ptr);
}

void append_json_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                           number);
  out.append(digits.data(), end.ptr);
}

void append_json_time(std::string& out, std::int64_t unix_ms) {
  namespace chrono = std::chrono;
  auto at = chrono::floor<chrono::seconds>(
    chrono::sys_time<chrono::milliseconds>{chrono::milliseconds{unix_ms}});
  auto day = chrono::floor<chrono::days>(at);
  auto date = chrono::year_month_day{day};
  auto clock = chrono::hh_mm_ss{at - day};
  out += '"';
  append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += "Z\"";
}

json_object::json_object(std::string& out) : out_{out} {
}

json_object::~json_object() {
  if (separator_ == '{')
    out_ += '{';
  out_ += '}';
}

std::string& json_object::value_of(std::string_view name) {
  out_ += separator_;
  separator_ = ',';
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return out_;
}

json_object& json_object::text(std::string_view name, std::string_view value) {
  append_json_string(value_of(name), value);
  return *this;
}

json_object&
json_object::text_or_null(std::string_view name, std::string_view value) {
  return value.empty() ? null(name) : text(name, value);
}

json_object& json_object::number(std::string_view name, double value) {
  append_json_number(value_of(name), value);
  return *this;
}

json_object& json_object::flag(std::string_view name, bool value) {
  value_of(name) += value ? "true" : "false";
  return *this;
}

json_object& json_object::null(std::string_view name) {
  value_of(name) += "null";
  return *this;
}

json_object& json_object::time(std::string_view name, std::int64_t unix_ms) {
  append_json_time(value_of(name), unix_ms);
  return *this;
}

json_object&
json_object::time_or_null(std::string_view name, std::int64_t unix_ms) {
  return unix_ms == 0 ? null(name) : time(name, unix_ms);
}

} // namespace stravasync::http
