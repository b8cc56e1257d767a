#include "adapters/strava_sim/wire_json.hpp"

#include "adapters/http/json_text.hpp"

#include <array>
#include <charconv>

namespace stravasync::strava_sim {

void append_json_number(std::string& out, double value, int decimals) {
  std::array<char, 64> buffer{};
  auto [end, error] = std::to_chars(buffer.data(),
                                    buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed, decimals);
  auto text = std::string_view{buffer.data(),
                               static_cast<std::size_t>(end - buffer.data())};
  while (text.ends_with('0') && text[text.size() - 2] != '.')
    text.remove_suffix(1);
  out += text;
}

object_writer::object_writer(std::string& out) : out_{out} {
  out_ += '{';
}

void object_writer::key(std::string_view name) {
  if (!first_)
    out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

object_writer&
object_writer::text(std::string_view name, std::string_view value) {
  key(name);
  http::append_json_string(out_, value);
  return *this;
}

object_writer&
object_writer::integer(std::string_view name, std::int64_t value) {
  key(name);
  out_ += std::to_string(value);
  return *this;
}

object_writer&
object_writer::number(std::string_view name, double value, int decimals) {
  key(name);
  append_json_number(out_, value, decimals);
  return *this;
}

object_writer& object_writer::boolean(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
  return *this;
}

object_writer& object_writer::null(std::string_view name) {
  key(name);
  out_ += "null";
  return *this;
}

object_writer&
object_writer::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

void object_writer::close() {
  out_ += '}';
}

} // namespace stravasync::strava_sim
