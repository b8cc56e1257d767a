#include "adapters/strava_sim/faults.hpp"

#include "messages/error.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace stravasync::strava_sim {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t faults_max = 100;

constexpr auto mode_names
  = std::to_array<std::pair<std::string_view, fault_mode>>(
    {{"none", fault_mode::none},
     {"error500", fault_mode::error500},
     {"close", fault_mode::close},
     {"hang", fault_mode::hang},
     {"cut_json", fault_mode::cut_json},
     {"cut_name", fault_mode::cut_name},
     {"cut_body", fault_mode::cut_body},
     {"inactive", fault_mode::inactive},
     {"rate_limited", fault_mode::rate_limited}});

/// Reads one member; @returns the rule it breaks, or nothing.
std::string_view
read_member(fault& into, std::string_view key, dom::element value) {
  if (key == "mode") {
    auto mode = value.is_string() ? fault_mode_of(std::string_view{value})
                                  : std::nullopt;
    if (!mode)
      return "must be none, error500, close, hang, cut_json, cut_name, "
             "cut_body, inactive or rate_limited";
    into.mode = *mode;
  } else if (key == "count") {
    auto count = std::int64_t{};
    if (value.get_int64().get(count) != simdjson::SUCCESS || count < 1
        || count > 1'000'000)
      return "must be a whole number from 1 to 1000000";
    into.count = static_cast<std::uint32_t>(count);
  } else if (key == "rate") {
    if (value.get_double().get(into.rate) != simdjson::SUCCESS || into.rate < 0
        || into.rate > 1)
      return "must be a number from 0 to 1";
  } else if (key == "athlete_id") {
    auto id = std::int64_t{};
    if (value.get_int64().get(id) != simdjson::SUCCESS || id < 1)
      return "must be a positive whole number";
    into.athlete_id = id;
  } else if (key == "path") {
    if (!value.is_string() || !std::string_view{value}.starts_with('/'))
      return "must be a string that begins with /";
    into.path = std::string_view{value};
  } else {
    return "is not known: mode, count, rate, athlete_id, path";
  }
  return {};
}

} // namespace

std::optional<fault_mode> fault_mode_of(std::string_view name) {
  for (const auto& [known, mode] : mode_names)
    if (known == name)
      return mode;
  return std::nullopt;
}

caf::expected<fault> read_fault(const std::string& json) {
  auto parser = dom::parser{};
  auto object = dom::object{};
  if (parser.parse(json).get_object().get(object) != simdjson::SUCCESS)
    return make_failure(ec::invalid_argument, "the body is no JSON object");
  auto result = fault{};
  auto has_mode = false;
  for (auto [key, value] : object) {
    if (auto rule = read_member(result, key, value); !rule.empty())
      return make_failure(ec::invalid_argument,
                          std::string{key} + " " + std::string{rule});
    has_mode = has_mode || key == "mode";
  }
  if (!has_mode)
    return make_failure(ec::invalid_argument, "mode is missing");
  return result;
}

fault_plan::fault_plan(double error_rate, std::uint64_t seed)
  : error_rate_{error_rate},
    random_{seed, 99} {
}

void fault_plan::add(fault what) {
  if (what.mode == fault_mode::none) {
    faults_.clear();
    return;
  }
  if (faults_.size() >= faults_max)
    faults_.erase(faults_.begin());
  faults_.push_back(std::move(what));
}

fault_mode fault_plan::take(std::string_view path, std::int64_t athlete_id) {
  auto is_oauth = path.starts_with("/oauth");
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    auto matches = it->path.empty() ? !is_oauth : path.starts_with(it->path);
    if (!matches || (it->athlete_id && *it->athlete_id != athlete_id)
        || !random_.chance(it->rate))
      continue;
    auto mode = it->mode;
    if (it->count && --*it->count == 0)
      faults_.erase(it);
    return mode;
  }
  if (!is_oauth && random_.chance(error_rate_))
    return fault_mode::error500;
  return fault_mode::none;
}

} // namespace stravasync::strava_sim
