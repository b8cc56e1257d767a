#include "adapters/telemetry/log_entry.hpp"

#include "messages/text/hex.hpp"
#include "messages/text/utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace stravasync::telemetry {

namespace {

void append_escape(std::string& into, unsigned char c) {
  into += "\\u00";
  append_hex(into, c);
}

/// A control character of ISO 6429 beyond ASCII, U+0080 to U+009F.
bool is_c1(std::string_view letter) {
  return letter.size() == 2 && letter[0] == '\xC2'
         && static_cast<unsigned char>(letter[1]) < 0xA0;
}

/// Appends `text` as a JSON string; every result is valid UTF-8.
void append_quoted(std::string& into, std::string_view text) {
  into += '"';
  while (!text.empty()) {
    auto length = utf8_length(text);
    auto c = text.front();
    if (length == 0)
      into += utf8_replacement;
    else if (is_c1(text.substr(0, length))) // Terminals obey these, too.
      append_escape(into, static_cast<unsigned char>(text[1]));
    else if (length > 1)
      into += text.substr(0, length);
    else if (c == '"' || c == '\\')
      (into += '\\') += c;
    else if (c == '\n')
      into += "\\n";
    else if (c == '\t')
      into += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      append_escape(into, static_cast<unsigned char>(c));
    else
      into += c;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  into += '"';
}

std::string format(double value) {
  auto buffer = std::array<char, 32>{};
  auto [end, error] = std::to_chars(buffer.data(),
                                    buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

/// Renders a field's value; how texts look is up to `text`.
template <class OnText>
std::string render(const log_entry::field& field, OnText text) {
  struct visitor {
    OnText& on_text;
    std::string operator()(const std::string& value) {
      return on_text(value);
    }
    std::string operator()(std::int64_t value) {
      return std::to_string(value);
    }
    std::string operator()(double value) {
      return std::isfinite(value) ? format(value) : on_text(format(value));
    }
    std::string operator()(bool value) {
      return value ? "true" : "false";
    }
  };
  return std::visit(visitor{text}, field.value);
}

std::string json_quoted(std::string_view text) {
  auto result = std::string{};
  append_quoted(result, text);
  return result;
}

/// As it is when that is plain to read, else quoted.
std::string quoted_if_needed(std::string_view text) {
  auto needed = text.empty();
  for (auto c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '"'
        || c == '=')
      needed = true;
  auto result = json_quoted(text);
  return needed ? result : result.substr(1, result.size() - 2);
}

std::string iso_time(unix_ms at_ms) {
  auto seconds = static_cast<std::time_t>(at_ms / 1'000);
  auto parts = std::tm{};
  if (::gmtime_r(&seconds, &parts) == nullptr)
    return "1970-01-01T00:00:00.000Z";
  auto buffer = std::array<char, 64>{};
  auto length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S",
                              &parts);
  // The last three digits, with their zeros.
  auto fraction = std::to_string(1'000 + at_ms % 1'000).substr(1);
  return std::string{buffer.data(), length} + "." + fraction + "Z";
}

std::string format_window(std::chrono::milliseconds value) {
  return format(static_cast<double>(value.count()) / 1'000) + " s";
}

} // namespace

log_entry make_entry(unix_ms at_ms, log_level level, std::string_view text,
                     std::initializer_list<log_field> fields) {
  auto result = log_entry{at_ms, level, std::string{text}, {}, 0, {}};
  result.fields.reserve(fields.size());
  for (const auto& field : fields)
    result.fields.push_back({std::string{field.name}, field.value});
  return result;
}

std::string_view to_string(log_level level) {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    case log_level::error:
      return "error";
  }
  return "unknown";
}

std::string to_json(const log_entry& entry, std::string_view node) {
  auto result = R"({"ts":")" + iso_time(entry.at_ms) + R"(","level":")";
  result += to_string(entry.level);
  result += R"(","msg":)";
  append_quoted(result, entry.text);
  if (entry.repeated > 0)
    result += R"(,"repeated":)" + std::to_string(entry.repeated)
              + R"(,"within_ms":)" + std::to_string(entry.within.count());
  if (!node.empty()) {
    result += R"(,"node":)";
    append_quoted(result, node);
  }
  for (const auto& field : entry.fields) {
    result += ',';
    append_quoted(result, field.name);
    result += ':' + render(field, json_quoted);
  }
  return result + '}';
}

std::string to_text(const log_entry& entry) {
  auto text = json_quoted(entry.text);
  auto result = text.substr(1, text.size() - 2);
  if (entry.repeated > 0)
    result += " (repeated " + std::to_string(entry.repeated)
              + (entry.repeated == 1 ? " time in " : " times in ")
              + format_window(entry.within) + ")";
  for (const auto& field : entry.fields)
    result += "  " + quoted_if_needed(field.name) + "="
              + render(field, quoted_if_needed);
  return result;
}

} // namespace stravasync::telemetry
