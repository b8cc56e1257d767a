#include "adapters/strava_sim/memory.hpp"

#include "adapters/http/json_text.hpp"
#include "adapters/strava_sim/activity_edit.hpp"
#include "adapters/strava_sim/wire_json.hpp"
#include "messages/error.hpp"

#include <simdjson.h>

#include <utility>

namespace stravasync::strava_sim {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t state_bytes_max = std::size_t{32} * 1024 * 1024;

std::string list_of(const scope_list& scopes) {
  auto result = std::string{"["};
  for (const auto& scope : scopes) {
    if (result.size() > 1)
      result += ',';
    http::append_json_string(result, scope);
  }
  return result + "]";
}

std::string line_of(const grant& what) {
  auto access = std::string{"["};
  for (const auto& token : what.access) {
    if (access.size() > 1)
      access += ',';
    object_writer{access}
      .text("token", token.token)
      .integer("expires_s", token.expires_s)
      .raw("scopes", list_of(token.scopes))
      .close();
  }
  access += ']';
  auto line = std::string{};
  object_writer{line}
    .text("t", "grant")
    .text("client", what.client_id)
    .integer("athlete", what.athlete_id)
    .raw("scopes", list_of(what.scopes))
    .text("refresh", what.refresh_token)
    .raw("access", access)
    .close();
  return line;
}

std::string line_of(const authorization_code& what) {
  auto line = std::string{};
  object_writer{line}
    .text("t", "code")
    .text("code", what.code)
    .text("client", what.client_id)
    .integer("athlete", what.athlete_id)
    .raw("scopes", list_of(what.scopes))
    .integer("expires_s", what.expires_s)
    .close();
  return line;
}

/// @param kind "request", or "logged" for one that totals and windows hold
/// already.
std::string line_of(const logged_request& what, std::string_view kind) {
  auto line = std::string{};
  object_writer{line}
    .text("t", kind)
    .integer("sequence", static_cast<std::int64_t>(what.sequence))
    .integer("ms", what.at_ms)
    .text("method", what.method)
    .text("path", what.path)
    .text("query", what.query)
    .integer("athlete", what.athlete_id)
    .integer("status", what.status)
    .boolean("counted", what.counted)
    .close();
  return line;
}

std::string line_of(const logged_refresh& what) {
  auto line = std::string{};
  object_writer{line}
    .text("t", "refresh")
    .integer("ms", what.at_ms)
    .integer("athlete", what.athlete_id)
    .boolean("renewed", what.renewed)
    .close();
  return line;
}

std::string line_of(const window_usage& what, std::string_view kind) {
  auto line = std::string{};
  object_writer{line}
    .text("t", kind)
    .integer("start_ms", what.start_ms)
    .integer("all", what.all)
    .integer("read", what.read)
    .close();
  return line;
}

std::string edit_line(std::int64_t athlete_id, std::int64_t activity_id,
                      const std::string& json) {
  auto line = std::string{};
  object_writer{line}
    .text("t", "edit")
    .integer("athlete", athlete_id)
    .integer("id", activity_id)
    .text("json", json)
    .close();
  return line;
}

/// All that is known, in fewer lines than it took to get there.
std::vector<std::string> snapshot(const world& of) {
  auto lines = std::vector<std::string>{};
  of.tokens.for_each(
    [&lines](const grant& what) { lines.push_back(line_of(what)); },
    [&lines](const authorization_code& what) {
      lines.push_back(line_of(what));
    });
  for (const auto& [key, json] : of.athletes.edits())
    lines.push_back(edit_line(key.first, key.second, json));
  for (const auto& window : of.windows.history())
    lines.push_back(line_of(window, "window"));
  lines.push_back(line_of(of.windows.day(), "day"));
  for (const auto& [key, count] : of.requests.totals()) {
    auto& line = lines.emplace_back();
    object_writer{line}
      .text("t", "total")
      .text("what", key.first)
      .integer("status", key.second)
      .integer("count", static_cast<std::int64_t>(count))
      .close();
  }
  for (const auto& request : of.requests.since(0))
    lines.push_back(line_of(request, "logged"));
  for (const auto& refresh : of.requests.refreshes())
    lines.push_back(line_of(refresh));
  return lines;
}

void keep(world& of, const std::string& line) {
  if (!of.state)
    return;
  auto problem = of.state->append(line);
  if (!problem && of.state->bytes() > state_bytes_max)
    problem = of.state->replace(snapshot(of));
  if (problem && !of.state_broken)
    of.logger.error("the simulator cannot keep its state",
                    {{"reason", detail_of(problem)}});
  of.state_broken = static_cast<bool>(problem);
}

std::string text_of(dom::element line, std::string_view key) {
  return std::string{std::string_view{line[key]}};
}

scope_list scopes_of(dom::element of) {
  auto result = scope_list{};
  for (auto scope : dom::array{of["scopes"]})
    result.emplace_back(std::string_view{scope});
  return result;
}

window_usage usage_of(dom::element line) {
  return {std::int64_t{line["start_ms"]},
          static_cast<std::uint32_t>(std::uint64_t{line["all"]}),
          static_cast<std::uint32_t>(std::uint64_t{line["read"]})};
}

void recall_grant(world& of, dom::element line) {
  auto what = grant{text_of(line, "client"),
                    std::int64_t{line["athlete"]},
                    scopes_of(line),
                    text_of(line, "refresh"),
                    {}};
  for (auto token : dom::array{line["access"]})
    what.access.push_back({text_of(token, "token"),
                           std::int64_t{token["expires_s"]}, scopes_of(token)});
  of.tokens.restore(std::move(what));
}

void recall_request(world& of, dom::element line, bool is_new) {
  auto what = logged_request{std::uint64_t{line["sequence"]},
                             std::int64_t{line["ms"]},
                             text_of(line, "method"),
                             text_of(line, "path"),
                             text_of(line, "query"),
                             std::int64_t{line["athlete"]},
                             static_cast<int>(std::int64_t{line["status"]}),
                             bool{line["counted"]}};
  if (is_new && what.counted)
    of.windows.count(what.at_ms, true);
  if (is_new)
    of.requests.add(std::move(what));
  else
    of.requests.restore(std::move(what));
}

/// Throws `simdjson_error` for a line that is not ours.
void recall(world& of, dom::element line) {
  auto kind = text_of(line, "t");
  if (kind == "grant")
    recall_grant(of, line);
  else if (kind == "code")
    of.tokens.restore(
      authorization_code{text_of(line, "code"), text_of(line, "client"),
                         std::int64_t{line["athlete"]}, scopes_of(line),
                         std::int64_t{line["expires_s"]}});
  else if (kind == "request" || kind == "logged")
    recall_request(of, line, kind == "request");
  else if (kind == "refresh")
    of.requests.add(logged_refresh{std::int64_t{line["ms"]},
                                   std::int64_t{line["athlete"]},
                                   bool{line["renewed"]}});
  else if (kind == "window")
    of.windows.restore_window(usage_of(line));
  else if (kind == "day")
    of.windows.restore_day(usage_of(line));
  else if (kind == "total")
    of.requests.restore_total(text_of(line, "what"),
                              static_cast<int>(std::int64_t{line["status"]}),
                              std::uint64_t{line["count"]});
  else if (kind == "edit")
    // What was kept was valid; a damaged line is skipped like any other.
    static_cast<void>(edit(of, std::int64_t{line["athlete"]},
                           std::int64_t{line["id"]}, text_of(line, "json")));
}

} // namespace

caf::error attach_memory(world& of) {
  if (of.options.state_path.empty())
    return caf::none;
  auto parser = dom::parser{};
  auto broken_lines = std::int64_t{0};
  auto opened
    = state_file::open(of.options.state_path, [&](std::string_view line) {
        try {
          recall(of, parser.parse(line.data(), line.size()));
        } catch (const simdjson::simdjson_error&) {
          ++broken_lines;
        }
      });
  if (!opened)
    return opened.error();
  if (broken_lines > 0)
    of.logger.warning("lines of the simulator's state were skipped",
                      {{"lines", broken_lines}});
  of.state = std::move(*opened);
  if (auto problem = of.state->replace(snapshot(of)))
    return make_failure(ec::unavailable, detail_of(problem));
  of.tokens.on_grant = [&of](const grant& what) { keep(of, line_of(what)); };
  of.tokens.on_code = [&of](const authorization_code& what) {
    keep(of, line_of(what));
  };
  return caf::none;
}

void note(world& of, logged_request request) {
  keep(of, line_of(of.requests.add(std::move(request)), "request"));
}

void note(world& of, logged_refresh refresh) {
  of.requests.add(refresh);
  keep(of, line_of(refresh));
}

caf::error edit(world& of, std::int64_t athlete_id, std::int64_t activity_id,
                const std::string& json) {
  if (json.empty()) {
    of.athletes.erase(athlete_id, activity_id);
  } else {
    auto read = read_activity(json);
    if (!read)
      return read.error();
    of.athletes.put(athlete_id, read->entry, std::move(read->json));
  }
  keep(of, edit_line(athlete_id, activity_id, json));
  return caf::none;
}

} // namespace stravasync::strava_sim
