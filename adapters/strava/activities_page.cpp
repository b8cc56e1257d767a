#include "adapters/strava/activities_page.hpp"

#include "adapters/strava/json_text.hpp"
#include "adapters/strava/timestamp.hpp"
#include "messages/units.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stravasync::strava {

namespace {

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return text;
  return text.substr(1, text.size() - 2);
}

std::optional<std::int64_t> parse_start_s(std::string_view text) {
  if (!text.starts_with('"'))
    return std::nullopt;
  auto start_ms = parse_timestamp(without_quotes(text));
  if (!start_ms)
    return std::nullopt;
  auto part_ms = (*start_ms % ms_per_s + ms_per_s) % ms_per_s;
  return (*start_ms - part_ms) / ms_per_s;
}

listed_activity read_element(std::string_view text) {
  listed_activity item;
  item.id = parse_id(member_text(text, "id")).value_or(0);
  item.start_s = parse_start_s(member_text(text, "start_date"));
  item.json = text;
  return item;
}

activities_response
unreadable(const std::string& body, const json_fault& fault, std::size_t read) {
  auto reason = "Strava's list of activities cannot be read: ";
  auto place = "byte " + std::to_string(fault.offset) + " of "
               + std::to_string(body.size());
  auto where = read == 0 ? std::string{}
                         : " behind element " + std::to_string(read);
  activities_response result;
  result.unreadable = keep_unreadable(reason + place + where + " is "
                                        + shown(fault.value) + ", "
                                        + std::string{fault.rule},
                                      body, fault.offset);
  return result;
}

} // namespace

std::optional<std::int64_t> parse_id(std::string_view json) {
  auto digits = without_quotes(json);
  auto value = std::int64_t{0};
  const auto* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end || value <= 0)
    return std::nullopt;
  return value;
}

unreadable_answer
keep_unreadable(std::string reason, std::string_view body, std::size_t around) {
  auto half = unreadable_bytes_max / 2;
  auto begin = around > half ? around - half : 0;
  unreadable_answer result;
  result.reason = std::move(reason);
  result.excerpt_at = std::min(begin, body.size());
  result.excerpt = body.substr(result.excerpt_at, unreadable_bytes_max);
  result.bytes = body.size();
  return result;
}

activities_response parse_activities(const std::string& body) {
  auto elements = split_array(body);
  if (elements.fault)
    return unreadable(body, *elements.fault, elements.texts.size());
  activities_response result;
  result.items.reserve(elements.texts.size());
  for (auto text : elements.texts)
    result.items.push_back(read_element(text));
  return result;
}

} // namespace stravasync::strava
