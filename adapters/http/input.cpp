#include "adapters/http/input.hpp"

#include "adapters/http/times.hpp"
#include "messages/error.hpp"
#include "messages/text/ascii.hpp"
#include "messages/units.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync::http {

namespace {

constexpr auto sport_bytes_max = std::size_t{50};

/// The whole of `text` as a number without sign; nothing if it is none.
template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number value{};
  auto [end, bad] = std::from_chars(text.begin(), text.end(), value);
  if (bad != std::errc{} || end != text.end() || text.starts_with('-'))
    return std::nullopt;
  return value;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string result;
  for (auto name : names) {
    if (!result.empty())
      result += ", ";
    result += name;
  }
  return result;
}

problem wrong_body(std::string detail, std::string field, std::string rule) {
  return {.status = 400,
          .code = to_string(ec::invalid_argument),
          .detail = std::move(detail),
          .field = std::move(field),
          .rule = std::move(rule)};
}

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t'))
    type.remove_suffix(1);
  return lower_case(type) == "application/json";
}

} // namespace

std::int64_t input::id(std::string_view field, std::string_view text) {
  auto value = parse_whole<std::int64_t>(text);
  if (value && *value > 0)
    return *value;
  refuse(bad_input(std::string{field},
                   "a whole number from 1 to 9223372036854775807"));
  return 0;
}

std::uint32_t input::number(std::string_view name, std::uint32_t least,
                            std::uint32_t most, std::uint32_t otherwise) {
  auto text = parameter(name);
  if (!text)
    return otherwise;
  auto value = parse_whole<std::uint32_t>(*text);
  if (value && *value >= least && *value <= most)
    return *value;
  refuse(bad_input(std::string{name}, "a whole number from "
                                        + std::to_string(least) + " to "
                                        + std::to_string(most)));
  return otherwise;
}

std::uint32_t input::limit() {
  constexpr auto limit_max = 200U;
  constexpr auto limit_default = 50U;
  return number("limit", 1, limit_max, limit_default);
}

std::string input::text(std::string_view name, std::size_t bytes_max) {
  auto value = parameter(name);
  if (!value)
    return {};
  if (value->size() > bytes_max)
    refuse(bad_input(std::string{name},
                     "at most " + std::to_string(bytes_max) + " bytes"));
  return std::string{*value};
}

std::int64_t input::id_parameter(std::string_view name) {
  auto value = parameter(name);
  return value ? id(name, *value) : 0;
}

std::string input::sport_type(std::string_view name) {
  auto value = parameter(name);
  if (!value)
    return {};
  if (value->empty() || value->size() > sport_bytes_max
      || !std::ranges::all_of(*value, is_letter_or_digit))
    refuse(bad_input(std::string{name},
                     "a sport type such as Run, 1 to 50 letters and digits"));
  return std::string{*value};
}

std::int64_t input::from_time(std::string_view name) {
  return time(name, false);
}

std::int64_t input::to_time(std::string_view name) {
  return time(name, true);
}

std::int64_t input::time(std::string_view name, bool whole_day) {
  auto value = parameter(name);
  if (!value)
    return 0;
  auto at = parse_time(*value);
  if (!at) {
    refuse(bad_input(std::string{name}, "a date such as 2023-01-31 or a time "
                                        "such as 2023-01-31T10:00:00Z"));
    return 0;
  }
  auto result = at->unix_ms + (whole_day && at->date_only ? day_ms : 0);
  // 0 means "not given" further on. The millisecond before it divides the same
  // activities, from either side: they begin at whole seconds.
  return result == 0 ? -1 : result;
}

bool input::includes(std::string_view name, std::string_view value) {
  auto list = parameter(name);
  if (!list)
    return false;
  if (*list != value)
    refuse(bad_input(std::string{name}, std::string{value}));
  return true;
}

void input::refuse(problem what) {
  if (!trouble_)
    trouble_ = std::move(what);
}

std::optional<problem> input::trouble() {
  for (const auto& [name, value] : from_.query)
    if (std::ranges::find(known_, name) == known_.end()) {
      auto rule = known_.empty() ? std::string{"left out: there are none here"}
                                 : "one of " + joined(known_);
      refuse({.status = 400,
              .code = to_string(ec::invalid_argument),
              .detail = "there is no query parameter \"" + name + "\" here",
              .field = name,
              .rule = std::move(rule)});
    }
  return std::move(trouble_);
}

std::optional<std::string_view> input::parameter(std::string_view name) {
  known_.push_back(name);
  auto times = std::ranges::count_if(
    from_.query, [name](const auto& field) { return field.first == name; });
  if (times > 1)
    refuse(bad_input(std::string{name}, "given once"));
  return from_.query_value(name);
}

std::optional<problem> media_type_problem(const request& from) {
  if (is_json(from.header_or_empty("content-type")))
    return std::nullopt;
  return problem{.status = 415,
                 .code = "unsupported_media_type",
                 .detail = "the body must be of type application/json",
                 .field = "Content-Type",
                 .rule = "application/json"};
}

namespace {

/// @param shape What the body has to look like.
/// @param read Of the member's value; @returns why it cannot be, or nothing.
template <class Read>
std::optional<problem>
read_only_member(const request& from, std::string_view member,
                 const std::string& shape, Read read) {
  if (auto trouble = media_type_problem(from))
    return trouble;
  auto broken = [&](std::string_view why) {
    return wrong_body("the body is no such JSON: " + std::string{why}, "body",
                      shape);
  };
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (auto error = parser.parse(from.body).get(object))
    return broken(simdjson::error_message(error));
  auto found = false;
  for (auto [key, value] : object) {
    if (key != member)
      return wrong_body("the body has a member that is not known",
                        std::string{key}, shape);
    if (found)
      return wrong_body("the body has a member twice", std::string{key}, shape);
    if (std::string_view why = read(value); !why.empty())
      return wrong_body(std::string{why}, std::string{member}, shape);
    found = true;
  }
  if (!found)
    return wrong_body("the member is missing", std::string{member}, shape);
  return std::nullopt;
}

} // namespace

std::optional<problem>
read_json_member(const request& from, std::string_view member,
                 std::string& text) {
  auto read = [&text](simdjson::dom::element value) -> std::string_view {
    std::string_view given;
    if (value.get_string().get(given) != simdjson::SUCCESS)
      return "the value is no text";
    text = given;
    return {};
  };
  return read_only_member(from, member,
                          R"({")" + std::string{member} + R"(": "..."})", read);
}

std::optional<problem>
read_json_member(const request& from, std::string_view member,
                 std::int64_t& number) {
  auto read = [&number](simdjson::dom::element value) -> std::string_view {
    if (value.get_int64().get(number) != simdjson::SUCCESS || number < 1)
      return "the value is no whole number from 1";
    return {};
  };
  return read_only_member(from, member, "{\"" + std::string{member} + "\": 1}",
                          read);
}

} // namespace stravasync::http
