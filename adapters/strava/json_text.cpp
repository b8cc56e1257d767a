#include "adapters/strava/json_text.hpp"

#include "messages/text/hex.hpp"

#include <algorithm>

namespace stravasync::strava {

namespace {

constexpr auto npos = std::string_view::npos;
std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(blanks, at), text.size());
}

/// @returns the place behind the string that begins at `at`, or npos.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"')
      return at + 1;
    if (text[at] == '\\')
      ++at;
  }
  return npos;
}

/// @returns the place behind the brackets that open at `at`, or npos.
std::size_t skip_brackets(std::string_view text, std::size_t at) {
  std::string open; // What closes each, innermost last.
  while (at < text.size()) {
    auto c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if (c == '}' || c == ']') {
      if (open.back() != c)
        return npos;
      open.pop_back();
      if (open.empty())
        return at + 1;
    }
    ++at;
  }
  return npos;
}

/// @returns the place behind the value at `at`, or npos.
std::size_t skip_value(std::string_view text, std::size_t at) {
  if (at >= text.size())
    return npos;
  if (text[at] == '"')
    return skip_string(text, at);
  if (text[at] == '{' || text[at] == '[')
    return skip_brackets(text, at);
  return std::min(text.find_first_of(",]} \t\r\n\"{[:", at), text.size());
}

json_fault
fault_at(std::string_view text, std::size_t at, std::string_view rule) {
  return {at, {}, text.substr(std::min(at, text.size())), rule};
}

std::string_view without_mark(std::string_view text) {
  constexpr auto mark = std::string_view{"\xEF\xBB\xBF"};
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

} // namespace

json_elements split_array(std::string_view text) {
  json_elements result;
  auto fail = [&](std::size_t at, std::string_view rule) {
    result.fault = fault_at(text, at, rule);
    return result;
  };
  auto at = skip_blanks(text, text.size() - without_mark(text).size());
  if (at == text.size() || text[at] != '[')
    return fail(at, "must be a JSON array");
  at = skip_blanks(text, at + 1);
  auto closed = at < text.size() && text[at] == ']';
  while (!closed) {
    auto end = skip_value(text, at);
    if (end == npos)
      return fail(at, "must be an element with an end");
    if (end == at)
      return fail(at, "must be an element");
    result.texts.push_back(text.substr(at, end - at));
    at = skip_blanks(text, end);
    closed = at < text.size() && text[at] == ']';
    if (!closed && (at == text.size() || text[at] != ','))
      return fail(at, "must be a comma or the end of the array");
    if (!closed)
      at = skip_blanks(text, at + 1);
  }
  at = skip_blanks(text, at + 1);
  if (at != text.size())
    return fail(at, "must be nothing behind the array");
  return result;
}

std::string_view member_text(std::string_view object, std::string_view key) {
  std::string_view result;
  auto at = skip_blanks(object, 0);
  if (at == object.size() || object[at] != '{')
    return result;
  do {
    at = skip_blanks(object, at + 1);
    if (at == object.size() || object[at] != '"')
      return result;
    auto name_end = skip_string(object, at);
    if (name_end == npos)
      return result;
    auto name = object.substr(at + 1, name_end - at - 2);
    auto begin = skip_blanks(object, name_end);
    if (begin == object.size() || object[begin] != ':')
      return result;
    begin = skip_blanks(object, begin + 1);
    auto end = skip_value(object, begin);
    if (end == npos || end == begin)
      return result;
    if (name == key)
      result = object.substr(begin, end - begin);
    at = skip_blanks(object, end);
  } while (at < object.size() && object[at] == ',');
  return result;
}

std::string shown(std::string_view text) {
  constexpr auto bytes_max = std::size_t{60};
  if (text.empty())
    return "nothing";
  std::string result;
  for (auto c : text.substr(0, bytes_max)) {
    if (c >= ' ' && c <= '~') {
      result += c;
      continue;
    }
    result += "\\x";
    append_hex(result, static_cast<unsigned char>(c));
  }
  return text.size() > bytes_max ? result + "..." : result;
}

} // namespace stravasync::strava
