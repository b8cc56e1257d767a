#include "adapters/strava_sim/activity_edit.hpp"

#include "adapters/http/json_text.hpp"
#include "adapters/strava_sim/calendar.hpp"
#include "adapters/strava_sim/sports.hpp"
#include "messages/error.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stravasync::strava_sim {

namespace {

namespace sj = simdjson::ondemand;
using member = std::pair<std::string, std::string>; // Name and JSON value.
using members = std::vector<member>;

constexpr std::string_view whitespace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(whitespace);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(whitespace) - first + 1);
}

/// Fails by throwing `simdjson_error`, as all of simdjson does here; the public
/// functions catch it.
activity_text read_object(sj::object object) {
  auto result = activity_text{};
  auto raw = std::string_view{};
  for (auto field : object) {
    auto key = std::string_view{field.unescaped_key()};
    if (key == "id")
      result.entry.id = field.value().get_int64();
    else if (key == "start_date") {
      auto start_s = parse_iso_time(std::string_view{field.value()});
      if (!start_s)
        throw simdjson::simdjson_error{simdjson::INCORRECT_TYPE};
      result.entry.start_s = *start_s;
    } else if (key == "visibility")
      result.entry.only_me = std::string_view{field.value()} == "only_me";
    else if (key == "athlete")
      result.athlete_id = field.value()["id"].get_int64();
  }
  object.reset();
  raw = object.raw_json();
  result.json = trimmed(raw);
  if (result.entry.id <= 0 || result.entry.start_s == 0
      || result.athlete_id <= 0)
    throw simdjson::simdjson_error{simdjson::NO_SUCH_FIELD};
  return result;
}

caf::error broken(std::string what, const simdjson::simdjson_error& error) {
  return make_failure(ec::malformed, std::move(what) + ": " + error.what());
}

members split(const std::string& json) {
  auto padded = simdjson::padded_string{json};
  auto parser = sj::parser{};
  auto document = parser.iterate(padded);
  auto result = members{};
  for (auto field : document.get_object()) {
    auto key = std::string{std::string_view{field.unescaped_key()}};
    auto value = sj::value{field.value()};
    result.emplace_back(std::move(key), trimmed(std::string_view{
                                          simdjson::to_json_string(value)}));
  }
  return result;
}

std::string join(const members& all) {
  auto result = std::string{"{"};
  for (const auto& [key, value] : all) {
    if (result.size() > 1)
      result += ',';
    http::append_json_string(result, key);
    result += ':';
    result += value;
  }
  return result + "}";
}

std::string json_string(std::string_view text) {
  auto result = std::string{};
  http::append_json_string(result, text);
  return result;
}

void set(members& all, std::string_view key, std::string value) {
  auto found = std::ranges::find(all, key, &member::first);
  if (found == all.end())
    all.emplace_back(key, std::move(value));
  else
    found->second = std::move(value);
}

std::string_view value_of(const members& all, std::string_view key) {
  auto found = std::ranges::find(all, key, &member::first);
  return found == all.end() ? std::string_view{} : found->second;
}

/// @returns the rule the value breaks; empty if it breaks none.
std::string_view broken_rule(std::string_view key, std::string_view value) {
  using list = std::initializer_list<std::string_view>;
  auto is_one_of = [key](list keys) {
    return std::ranges::find(keys, key) != keys.end();
  };
  auto is_number = [](std::string_view text) {
    return !text.empty()
           && text.find_first_not_of("0123456789.eE+")
                == std::string_view::npos;
  };
  auto is_text = value.starts_with('"');
  if (is_one_of({"id", "athlete"}))
    return "cannot be changed";
  if (is_one_of({"name", "sport_type", "type", "timezone"}) && !is_text)
    return "must be a string";
  if (is_one_of({"moving_time", "elapsed_time"})
      && value.find_first_not_of("0123456789") != std::string_view::npos)
    return "must be a whole number of seconds from 0";
  if (is_one_of({"distance", "total_elevation_gain"}) && !is_number(value))
    return "must be a number of metres from 0";
  if (is_one_of({"private", "commute", "trainer", "manual"}) && value != "true"
      && value != "false")
    return "must be true or false";
  if (key == "gear_id" && !is_text && value != "null")
    return "must be a string or null";
  if (key == "visibility" && value != "\"everyone\""
      && value != "\"followers_only\"" && value != "\"only_me\"")
    return "must be everyone, followers_only or only_me";
  if (key == "start_date"
      && (!is_text || !parse_iso_time(value.substr(1, value.size() - 2))))
    return "must be a time as in 2018-02-16T14:52:54Z";
  return {};
}

/// Strava's older name of a sport; unknown ones are their own.
std::string coarse_type(std::string_view quoted_sport_type) {
  auto name = quoted_sport_type.substr(1, quoted_sport_type.size() - 2);
  for (std::size_t i = 0; i < sport_count; ++i)
    if (const auto& model = model_of(static_cast<sport>(i));
        model.sport_type == name)
      return json_string(model.type);
  return std::string{quoted_sport_type};
}

void set_local_start(members& all, std::string_view quoted_start) {
  auto start_s
    = parse_iso_time(quoted_start.substr(1, quoted_start.size() - 2));
  auto offset = std::string{value_of(all, "utc_offset")};
  auto offset_s = offset.empty() ? 0 : std::atoll(offset.c_str());
  set(all, "start_date_local", json_string(iso_time(*start_s + offset_s)));
}

void change(members& all, const members& changes) {
  for (const auto& [key, value] : changes)
    set(all, key, value);
  auto given = [&changes](std::string_view key) {
    return value_of(changes, key);
  };
  if (auto seen_by = given("visibility"); !seen_by.empty())
    set(all, "private", seen_by == "\"only_me\"" ? "true" : "false");
  else if (auto hidden = given("private"); !hidden.empty())
    set(all, "visibility", hidden == "true" ? "\"only_me\"" : "\"everyone\"");
  if (auto kind = given("sport_type"); !kind.empty() && given("type").empty())
    set(all, "type", coarse_type(kind));
  if (auto start = given("start_date");
      !start.empty() && given("start_date_local").empty())
    set_local_start(all, start);
}

} // namespace

caf::expected<std::vector<activity_text>>
read_activities(const std::string& json_array) {
  auto result = std::vector<activity_text>{};
  try {
    auto padded = simdjson::padded_string{json_array};
    auto parser = sj::parser{};
    auto document = parser.iterate(padded);
    for (auto element : document.get_array())
      result.push_back(read_object(element.get_object()));
    return result;
  } catch (const simdjson::simdjson_error& error) {
    return broken("activity " + std::to_string(result.size() + 1), error);
  }
}

caf::expected<activity_text> read_activity(const std::string& json) {
  try {
    auto padded = simdjson::padded_string{json};
    auto parser = sj::parser{};
    auto document = parser.iterate(padded);
    return read_object(document.get_object());
  } catch (const simdjson::simdjson_error& error) {
    return broken("the activity", error);
  }
}

caf::expected<std::string>
edit_activity(const std::string& json, const std::string& changes) {
  try {
    auto all = split(json);
    auto wanted = split(changes);
    for (const auto& [key, value] : wanted)
      if (auto rule = broken_rule(key, value); !rule.empty())
        return make_failure(ec::invalid_argument,
                            key + " " + std::string{rule});
    change(all, wanted);
    return join(all);
  } catch (const simdjson::simdjson_error& error) {
    return make_failure(ec::invalid_argument,
                        std::string{"the body is no JSON object: "}
                          + error.what());
  }
}

} // namespace stravasync::strava_sim
