#include "adapters/http/url.hpp"

#include "messages/text/hex.hpp"

#include <simdjson.h>

#include <algorithm>

namespace stravasync::http {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
         || c == '~';
}

/// What most paths are: nothing to decode and nothing to check.
bool is_plain(char c) {
  return is_unreserved(c) || c == '/' || c == ':' || c == ',' || c == '@';
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text, plus sign) {
  if (std::ranges::all_of(text, is_plain))
    return std::string{text};
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size())
        return std::nullopt;
      auto high = hex_value(text[i + 1]);
      auto low = hex_value(text[i + 2]);
      if (high < 0 || low < 0)
        return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && sign == plus::space) {
      c = ' ';
    }
    if (c == '\0')
      return std::nullopt;
    result.push_back(c);
  }
  if (!simdjson::validate_utf8(result.data(), result.size()))
    return std::nullopt;
  return result;
}

std::optional<std::string> decode_path(std::string_view text) {
  std::string result;
  for (;;) {
    auto slash = std::min(text.find("%2F"), text.find("%2f"));
    auto part = percent_decode(text.substr(0, slash), plus::literal);
    if (!part)
      return std::nullopt;
    result += *part;
    if (slash == std::string_view::npos)
      return result;
    result += text.substr(slash, 3);
    text.remove_prefix(slash + 3);
  }
}

std::string percent_encode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (auto c : text) {
    if (is_unreserved(c)) {
      result.push_back(c);
      continue;
    }
    result.push_back('%');
    append_hex(result, static_cast<unsigned char>(c), hex_letters::upper);
  }
  return result;
}

std::optional<form_fields> parse_form(std::string_view text) {
  form_fields result;
  while (!text.empty()) {
    auto field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    if (field.empty())
      continue;
    auto equals = field.find('=');
    auto name = percent_decode(field.substr(0, equals), plus::space);
    auto value = equals == std::string_view::npos
                   ? std::optional{std::string{}}
                   : percent_decode(field.substr(equals + 1), plus::space);
    if (!name || !value)
      return std::nullopt;
    result.emplace_back(*std::move(name), *std::move(value));
  }
  return result;
}

std::optional<std::string_view>
find_field(const form_fields& fields, std::string_view name) {
  auto found = std::ranges::find_if(
    fields, [name](const auto& field) { return field.first == name; });
  if (found == fields.end())
    return std::nullopt;
  return std::string_view{found->second};
}

} // namespace stravasync::http
