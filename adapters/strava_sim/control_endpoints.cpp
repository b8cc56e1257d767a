#include "adapters/http/problem.hpp"
#include "adapters/strava_sim/activity_edit.hpp"
#include "adapters/strava_sim/calendar.hpp"
#include "adapters/strava_sim/endpoints.hpp"
#include "adapters/strava_sim/memory.hpp"
#include "adapters/strava_sim/wire_json.hpp"
#include "messages/error.hpp"

#include <simdjson.h>

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace stravasync::strava_sim {

namespace {

http::response control_answer(std::string body, int status = 200) {
  return {status, "application/json", std::move(body), {}};
}

http::response refusal(int status, std::string code, std::string detail) {
  return http::to_response(
    {.status = status, .code = std::move(code), .detail = std::move(detail)});
}

http::response refusal(const caf::error& error) {
  return refusal(400, "invalid_argument", detail_of(error));
}

http::response wrong_method(std::string allowed) {
  auto result = refusal(405, "method_not_allowed",
                        "use " + allowed + " for this path");
  result.headers.emplace_back("Allow", std::move(allowed));
  return result;
}

std::optional<std::int64_t>
positive_number(std::string_view text, std::int64_t maximum) {
  auto value = std::int64_t{0};
  const auto* last = text.data() + text.size();
  auto [end, problem] = std::from_chars(text.data(), last, value);
  if (problem != std::errc{} || end != last || value < 1 || value > maximum)
    return std::nullopt;
  return value;
}

std::string usage_json(const window_usage& usage) {
  auto result = std::string{};
  object_writer{result}
    .integer("start_ms", usage.start_ms)
    .integer("overall", usage.all)
    .integer("read", usage.read)
    .close();
  return result;
}

/// Joins what `text_of` makes of each item to a JSON array.
template <class Items, class TextOf>
std::string array_of(const Items& items, TextOf text_of) {
  auto result = std::string{"["};
  for (const auto& item : items) {
    if (result.size() > 1)
      result += ',';
    result += text_of(item);
  }
  return result + "]";
}

std::string totals_json(const world& of) {
  auto result = std::string{"{"};
  auto current = std::string{};
  for (const auto& [key, count] : of.requests.totals()) {
    if (key.first != current) {
      result += (current.empty() ? "\"" : "},\"") + key.first + "\":{";
      current = key.first;
    } else {
      result += ',';
    }
    result += "\"" + std::to_string(key.second) + "\":" + std::to_string(count);
  }
  return result + (current.empty() ? "}" : "}}");
}

std::string limits_json(const rate_limits& limits) {
  auto result = std::string{};
  object_writer{result}
    .integer("short_all", limits.short_all)
    .integer("day_all", limits.day_all)
    .integer("short_read", limits.short_read)
    .integer("day_read", limits.day_read)
    .close();
  return result;
}

http::response show_stats(const world& of) {
  auto total = std::uint64_t{0};
  auto rate_limited = std::uint64_t{0};
  for (const auto& [key, count] : of.requests.totals()) {
    total += count;
    if (key.second == 429)
      rate_limited += count;
  }
  auto refresh_json = [](const logged_refresh& refresh) {
    auto result = std::string{};
    object_writer{result}
      .integer("ms", refresh.at_ms)
      .integer("athlete_id", refresh.athlete_id)
      .boolean("renewed", refresh.renewed)
      .close();
    return result;
  };
  auto body = std::string{};
  object_writer{body}
    .integer("now_ms", of.options.clock())
    .integer("requests", static_cast<std::int64_t>(total))
    .integer("rate_limited", static_cast<std::int64_t>(rate_limited))
    .raw("by_path", totals_json(of))
    .raw("limits", limits_json(of.windows.limits()))
    .integer("window_ms", of.options.window.count())
    .raw("windows", array_of(of.windows.history(), usage_json))
    .raw("day", usage_json(of.windows.day()))
    .raw("refreshes", array_of(of.requests.refreshes(), refresh_json))
    .close();
  return control_answer(std::move(body));
}

std::string request_json(const logged_request& request) {
  auto result = std::string{};
  object_writer{result}
    .integer("sequence", static_cast<std::int64_t>(request.sequence))
    .integer("ms", request.at_ms)
    .text("method", request.method)
    .text("path", request.path)
    .text("query", request.query)
    .integer("athlete_id", request.athlete_id)
    .integer("status", request.status)
    .boolean("counted", request.counted)
    .close();
  return result;
}

http::response show_requests(const world& of, const http::request& what) {
  auto since = std::uint64_t{0};
  if (auto text = what.query_value("since")) {
    auto [end, problem] = std::from_chars(text->data(),
                                          text->data() + text->size(), since);
    if (problem != std::errc{} || end != text->data() + text->size())
      return refusal(400, "invalid_argument",
                     "since must be a whole number from 0");
  }
  auto body = std::string{};
  object_writer{body}
    .raw("items", array_of(of.requests.since(since), request_json))
    .integer("last", static_cast<std::int64_t>(of.requests.last_sequence()))
    .close();
  return control_answer(std::move(body));
}

http::response add_fault(world& of, const http::request& what) {
  auto read = read_fault(what.body);
  if (!read)
    return refusal(read.error());
  of.faults.add(std::move(*read));
  return control_answer("{}");
}

/// Takes `start_date` and `sport_type` of a new activity; the rest follows.
caf::expected<std::string>
new_activity(world& of, std::int64_t athlete_id, const std::string& wanted) {
  auto start_s = of.now_s() - 3'600;
  auto sport_type = std::string{"Run"};
  auto parser = simdjson::dom::parser{};
  auto object = simdjson::dom::object{};
  if (parser.parse(wanted).get_object().get(object) != simdjson::SUCCESS)
    return make_failure(ec::invalid_argument, "the body is no JSON object");
  auto text = std::string_view{};
  if (object["sport_type"].get_string().get(text) == simdjson::SUCCESS)
    sport_type = text;
  if (object["start_date"].get_string().get(text) == simdjson::SUCCESS)
    start_s = parse_iso_time(text).value_or(start_s);
  return edit_activity(of.athletes.invent(athlete_id, start_s, sport_type),
                       wanted);
}

http::response keep_edit(world& of, std::int64_t athlete_id,
                         caf::expected<std::string> json, int status) {
  if (!json)
    return refusal(json.error());
  auto read = read_activity(*json);
  if (!read)
    return refusal(read.error());
  if (auto problem = edit(of, athlete_id, read->entry.id, *json))
    return refusal(problem);
  return control_answer(std::move(*json), status);
}

http::response
change_activity(world& of, const http::request& what, std::int64_t athlete_id,
                std::int64_t activity_id) {
  if (what.method != "PATCH" && what.method != "DELETE")
    return wrong_method("PATCH, DELETE");
  const auto& history = of.athletes.find(athlete_id).history;
  const auto* entry = history.find(activity_id);
  if (entry == nullptr)
    return refusal(404, "not_found",
                   "athlete " + std::to_string(athlete_id) + " has no activity "
                     + std::to_string(activity_id));
  if (what.method == "PATCH")
    return keep_edit(of, athlete_id,
                     edit_activity(history.json(*entry), what.body), 200);
  if (auto problem = edit(of, athlete_id, activity_id, {}))
    return refusal(problem);
  return {204, "", "", {}};
}

/// @param parts What follows `/sim/athletes`.
http::response answer_athlete(world& of, const http::request& what,
                              const std::vector<std::string_view>& parts) {
  auto athlete_id = positive_number(parts.at(0), athlete_id_max);
  if (!athlete_id)
    return refusal(400, "invalid_argument",
                   "athlete id must be a whole number from 1 to 1000000000");
  if (parts.size() == 2 && parts[1] == "revoke") {
    if (what.method != "POST")
      return wrong_method("POST");
    auto count = of.tokens.revoke_athlete(*athlete_id);
    return control_answer("{\"revoked\":" + std::to_string(count) + "}");
  }
  if (parts.size() == 2 && parts[1] == "activities") {
    if (what.method != "POST")
      return wrong_method("POST");
    return keep_edit(of, *athlete_id, new_activity(of, *athlete_id, what.body),
                     201);
  }
  if (parts.size() == 3 && parts[1] == "activities") {
    auto activity_id = positive_number(parts[2], INT64_MAX);
    if (!activity_id)
      return refusal(400, "invalid_argument",
                     "activity id must be a positive whole number");
    return change_activity(of, what, *athlete_id, *activity_id);
  }
  return refusal(404, "not_found", "no such path of the simulator");
}

std::vector<std::string_view> split_path(std::string_view path) {
  auto result = std::vector<std::string_view>{};
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    result.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return result;
}

} // namespace

bool is_probe(std::string_view path) {
  return path == "/healthz" || path == "/readyz";
}

reply answer_probe(const http::request& what) {
  if (what.method != "GET")
    return {wrong_method("GET")};
  // It waits for nobody: as soon as it listens it is ready.
  return {control_answer(what.path == "/healthz"
                           ? R"({"status":"ok"})"
                           : R"({"ready":true,"parts":[]})")};
}

reply answer_control(world& of, const http::request& what) {
  constexpr auto athletes = std::string_view{"/sim/athletes/"};
  auto is_get = what.method == "GET";
  if (what.path == "/sim/stats")
    return {is_get ? show_stats(of) : wrong_method("GET")};
  if (what.path == "/sim/requests")
    return {is_get ? show_requests(of, what) : wrong_method("GET")};
  if (what.path == "/sim/faults")
    return {what.method == "POST" ? add_fault(of, what) : wrong_method("POST")};
  auto path = std::string_view{what.path};
  if (path.starts_with(athletes) && path.size() > athletes.size())
    return {answer_athlete(of, what, split_path(path.substr(athletes.size())))};
  return {refusal(404, "not_found", "no such path of the simulator")};
}

} // namespace stravasync::strava_sim
