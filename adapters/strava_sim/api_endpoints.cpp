#include "adapters/strava_sim/credentials.hpp"
#include "adapters/strava_sim/endpoints.hpp"
#include "adapters/strava_sim/memory.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

namespace stravasync::strava_sim {

namespace {

constexpr std::uint32_t per_page_max = 200;

std::optional<std::int64_t> whole_number(std::string_view text) {
  auto value = std::int64_t{0};
  const auto* last = text.data() + text.size();
  auto [end, problem] = std::from_chars(text.data(), last, value);
  if (problem != std::errc{} || end != last)
    return std::nullopt;
  return value;
}

bool has_scope(const token_book::holder& who, std::string_view scope) {
  return std::ranges::find(who.scopes, scope) != who.scopes.end();
}

bool reads_activities(const token_book::holder& who) {
  return has_scope(who, "activity:read") || has_scope(who, "activity:read_all");
}

http::response scope_missing() {
  return strava_error(401, "Authorization Error", "AccessToken",
                      "activity:read_permission", "missing");
}

http::response no_such_activity() {
  return strava_error(404, "Resource Not Found", "Activity", "", "not found");
}

http::response no_such_path() {
  return strava_error(404, "Record Not Found", "resource", "path", "invalid");
}

http::response json_answer(std::string body) {
  return {200, "application/json; charset=utf-8", std::move(body), {}};
}

/// Reads the parameters, or answers what is wrong with them.
std::variant<list_query, http::response>
read_list_query(const http::request& what) {
  auto result = list_query{};
  for (const auto& [name, text] : what.query) {
    auto is_time = name == "before" || name == "after";
    auto is_page = name == "page" || name == "per_page";
    if (!is_time && !is_page)
      continue;
    auto value = whole_number(text);
    if (!value || *value < (is_time ? 0 : 1) || *value > 99'999'999'999)
      return bad_request("Activity", name, "invalid");
    if (name == "before")
      result.before_s = value;
    else if (name == "after")
      result.after_s = value;
    else if (name == "page")
      result.page
        = static_cast<std::uint32_t>(std::min<std::int64_t>(*value, 1'000'000));
    else
      result.per_page = static_cast<std::uint32_t>(
        std::min<std::int64_t>(*value, per_page_max));
  }
  return result;
}

http::response list_activities(world& of, const http::request& what,
                               const token_book::holder& who) {
  if (!reads_activities(who))
    return scope_missing();
  auto read = read_list_query(what);
  if (auto* refused = std::get_if<http::response>(&read))
    return *refused;
  auto query = std::get<list_query>(read);
  query.with_only_me = has_scope(who, "activity:read_all");
  const auto& history = of.athletes.find(who.athlete_id).history;
  auto page
    = list_page(history.entries(), query,
                {of.options.behaviour.inclusive_bounds,
                 of.options.behaviour.short_page_rate, of.options.seed});
  auto body = std::string{"["};
  for (const auto& entry : page) {
    if (body.size() > 1)
      body += ',';
    body += history.json(entry);
  }
  return json_answer(body + "]");
}

http::response show_activity(world& of, const token_book::holder& who,
                             std::string_view id_text) {
  if (!reads_activities(who))
    return scope_missing();
  const auto& history = of.athletes.find(who.athlete_id).history;
  const auto* entry = history.find(whole_number(id_text).value_or(0));
  if (entry == nullptr
      || (entry->only_me && !has_scope(who, "activity:read_all")))
    return no_such_activity();
  return json_answer(detailed_activity(history.json(*entry)));
}

http::response
show_stats(world& of, const token_book::holder& who, std::string_view id_text) {
  if (whole_number(id_text) != who.athlete_id)
    return strava_error(403, "Forbidden", "Athlete", "", "invalid");
  return json_answer(
    stats_json(of.athletes.find(who.athlete_id).history, of.now_s()));
}

http::response route(world& of, const http::request& what,
                     const std::string& path, const token_book::holder& who) {
  constexpr auto activity = std::string_view{"/activities/"};
  constexpr auto athlete = std::string_view{"/athletes/"};
  constexpr auto stats = std::string_view{"/stats"};
  if (what.method != "GET" && what.method != "HEAD")
    return no_such_path();
  auto text = std::string_view{path};
  if (path == "/athlete") {
    const auto& data = of.athletes.find(who.athlete_id);
    return json_answer(has_scope(who, "profile:read_all") ? data.detailed_json
                                                          : data.summary_json);
  }
  if (path == "/athlete/activities")
    return list_activities(of, what, who);
  if (path.starts_with(activity) && whole_number(text.substr(activity.size())))
    return show_activity(of, who, text.substr(activity.size()));
  if (path.starts_with(athlete) && path.ends_with(stats)
      && path.size() > athlete.size() + stats.size())
    return show_stats(
      of, who,
      text.substr(athlete.size(), path.size() - athlete.size() - stats.size()));
  return no_such_path();
}

/// Headers that every answer of the API has, as of October 2025.
void add_usual_headers(http::response& to, std::uint64_t request_number) {
  std::array<char, 48> tag{};
  auto hash
    = static_cast<unsigned long long>(std::hash<std::string>{}(to.body));
  std::snprintf(tag.data(), tag.size(), "W/\"%016llx\"", hash);
  std::array<char, 48> id{};
  std::snprintf(id.data(), id.size(), "00000000-0000-4000-8000-%012llx",
                static_cast<unsigned long long>(request_number));
  to.headers.emplace_back("Status", std::to_string(to.status)
                                      + (to.status == 200 ? " OK" : ""));
  to.headers.emplace_back("Vary", "Accept, Origin");
  to.headers.emplace_back("Cache-Control",
                          "max-age=0, private, must-revalidate");
  to.headers.emplace_back("Etag", tag.data());
  to.headers.emplace_back("X-Request-Id", id.data());
  to.headers.emplace_back("X-Frame-Options", "DENY");
}

/// The query without the token somebody may have put there.
std::string harmless_query(const http::request& what) {
  auto start = what.target.find('?');
  if (start == std::string::npos)
    return {};
  return what.query_value("access_token") ? "access_token=..."
                                          : what.target.substr(start + 1);
}

void refuse(world& of, reply& into, rate_verdict verdict) {
  into.response = strava_error(429, "Rate Limit Exceeded", "Application",
                               verdict == rate_verdict::read_exceeded
                                 ? "read rate limit"
                                 : "overall rate limit",
                               "exceeded");
  if (of.options.behaviour.headers_on_429)
    into.response.headers = of.windows.headers(true);
}

/// What Strava does with a request of a known application.
void answer_counted(world& of, const http::request& what,
                    const std::string& path, const token_book::holder& who,
                    fault_mode mode, reply& into) {
  auto is_read = what.method == "GET" || what.method == "HEAD";
  auto verdict = of.windows.count(of.options.clock(), is_read);
  if (mode == fault_mode::rate_limited)
    verdict = rate_verdict::all_exceeded;
  if (verdict != rate_verdict::within) {
    refuse(of, into, verdict);
    return;
  }
  into.response = mode == fault_mode::error500 ? json_answer({})
                                               : route(of, what, path, who);
  // Captures of 401 and 404 show no rate headers.
  if (into.response.status != 401 && into.response.status != 404)
    into.response.headers = of.windows.headers(is_read);
  spoil(into, mode);
}

} // namespace

reply answer_api(world& of, const http::request& what,
                 const std::string& path) {
  auto now = of.options.clock();
  auto token = bearer_token(what);
  if (token.empty())
    token = what.query_value("access_token").value_or("");
  auto result = reply{.delayed = true};
  auto seen = logged_request{0, now, what.method, path, harmless_query(what),
                             0, 0,   false};
  if (auto who = of.tokens.find(token, now / 1'000)) {
    seen.athlete_id = who->athlete_id;
    auto mode = of.faults.take(path, who->athlete_id);
    if (mode == fault_mode::inactive) {
      spoil(result, mode);
    } else {
      seen.counted = true;
      answer_counted(of, what, path, *who, mode, result);
    }
  } else {
    // Whose application it is cannot be known, so nothing is counted.
    result.response = strava_error(401, "Authorization Error", "Athlete",
                                   "access_token", "invalid");
  }
  seen.status = result.how == reply::way::answer ? result.response.status : 0;
  note(of, std::move(seen));
  add_usual_headers(result.response, of.requests.last_sequence());
  return result;
}

} // namespace stravasync::strava_sim
