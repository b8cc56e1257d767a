#include "tests/golden/http_case.hpp"

#include <algorithm>

/// @file
/// Every input that is refused, and by what is near it what is taken.

namespace stravasync::golden {

namespace {

struct variant {
  std::string name;
  std::string value;
};

using variants = std::vector<variant>;

/// The largest body that a node takes is a MiB.
const auto large_body = std::string((std::size_t{1} << 20) + 1, ' ');

http_case with_headers(http_case one, test::header_list headers) {
  one.headers = std::move(headers);
  return one;
}

/// Who asks: by another name, from another site, by a form.
void add_origins(http_cases& to, const operation& of) {
  auto add = [&](const std::string& name, const std::string& header,
                 const std::string& value) {
    auto one = of.request(name);
    one.headers.emplace_back(header, value);
    to.push_back(std::move(one));
  };
  // The answer to who is let in there has no end.
  auto is_stream = of.id == "watchEvents";
  add("other_host", "Host", "elsewhere.example:80");
  if (of.pattern.starts_with("/api/"))
    add("other_site", "Sec-Fetch-Site", "cross-site");
  if (!is_stream && of.id != "getOpenapi") // Which has a file of its own.
    add("other_origin", "Origin", "https://elsewhere.example");
  if (of.method != "GET") {
    add("own_origin", "Origin", "http://127.0.0.1");
    add("same_origin", "Sec-Fetch-Site", "same-origin");
  }
}

/// What comes with a request that has a body.
void add_bodies(http_cases& to, const operation& of) {
  auto add = [&](const std::string& name, test::header_list headers,
                 const std::string& body) {
    auto one = with_headers(of.request(name), std::move(headers));
    one.body = body;
    to.push_back(std::move(one));
  };
  const auto as_json = test::header_list{{"Content-Type", "application/json"}};
  add("body_of_no_type", {}, of.body);
  add("body_of_text", {{"Content-Type", "text/plain"}}, of.body);
  add("body_too_large", as_json, large_body);
  add("body_empty", as_json, "");
  add("body_cut", as_json, "{");
  if (of.body.empty() || of.id == "resetBudget")
    return; // It is not read.
  add("body_of_a_form", {{"Content-Type", "application/x-www-form-urlencoded"}},
      "mode=relist");
  add("body_of_json_in_capitals",
      {{"Content-Type", "Application/JSON ; charset=utf-8"}}, of.body);
  add("body_of_a_form_of_the_own_page",
      {{"Content-Type", "text/plain"}, {"Sec-Fetch-Site", "same-origin"}},
      of.body);
  add("body_list", as_json, "[]");
  add("body_null", as_json, "null");
  add("body_text", as_json, "\"relist\"");
  add("body_two_objects", as_json, "{}{}");
  add("body_no_utf8", as_json, "{\"mode\":\"\xFF\"}");
  add("body_empty_object", as_json, "{}");
  add("body_unknown_member", as_json, R"({"colour":"red"})");
  add("body_wild_member", as_json, R"({"a\"\u0001é":1})");
}

/// What a query may not say.
void add_parameters(http_cases& to, const operation& of) {
  to.push_back(of.request("unknown_parameter", "colour=red"));
  for (const auto& name : of.parameters) {
    to.push_back(of.request("twice_" + name, name + "=1&" + name + "=1"));
    to.push_back(of.request("empty_" + name, name + "="));
  }
}

void add_ids(http_cases& to, const operation& of) {
  const auto bad = variants{{"zero", "0"},
                            {"negative", "-1"},
                            {"signed", "+1"},
                            {"text", "x"},
                            {"fraction", "1.5"},
                            {"hex", "0x10"},
                            {"too_large", "9223372036854775808"},
                            {"blank", "1%20"},
                            {"arabic", "%D9%A1"},
                            {"slash", "1%2F2"}};
  auto add = [&](const variant& id) {
    auto one = of.request("id_" + id.name);
    auto at = of.pattern.find("{id}");
    auto rest = of.pattern.substr(at + 4);
    one.target = of.pattern.substr(0, at) + id.value + rest;
    to.push_back(std::move(one));
  };
  if (of.id != "getAthlete") { // All read them alike.
    add({"text", "x"});
    return add({"too_large", "9223372036854775808"});
  }
  for (const auto& id : bad)
    add(id);
  add({"largest", "9223372036854775807"});
  add({"leading_zeros", "007"});
  add({"percent_encoded", "%37"});
}

/// Queries that are none, on one route: the others are not asked.
void add_queries(http_cases& to) {
  for (const auto& each : variants{{"wild_parameter", "a%22%FF%0Ab%C3%A9=1"},
                                   {"two_unknown_parameters", "b=1&a=2"},
                                   {"parameter_without_value", "colour"},
                                   {"parameter_without_name", "=1"},
                                   {"empty_query", "&"},
                                   {"query_with_nul", "cursor=%00"},
                                   {"query_cut", "cursor=%4"},
                                   {"query_of_no_hex", "cursor=%zz"}})
    to.push_back(operation_of("listAthletes").request(each.name, each.value));
}

/// Other methods on a path, once for each.
void add_methods(http_cases& to) {
  auto seen = std::set<std::string>{};
  for (const auto& each : operations())
    for (const auto* method : {"OPTIONS", "HEAD", "PUT"}) {
      auto first = seen.insert(each.pattern + method).second;
      auto is_own = std::ranges::any_of(operations(), [&](const auto& other) {
        return other.pattern == each.pattern && other.method == method;
      });
      // A stream's head is of its own kind: it ends the connection.
      if (!first || is_own || (each.id == "watchEvents" && *method == 'H'))
        continue;
      auto one = each.request("method_" + std::string{method});
      one.method = method;
      one.headers.clear();
      one.body.clear();
      to.push_back(std::move(one));
    }
  for (const auto* method : {"POST", "DELETE", "PATCH", "get"}) {
    auto one
      = operation_of("listAthletes").request("method_" + std::string{method});
    one.method = method;
    to.push_back(one);
    one.name += "_of_json";
    one.headers.emplace_back("Content-Type", "application/json");
    to.push_back(std::move(one));
  }
}

void add_values(http_cases& to, const std::string& id,
                const std::string& parameter, const variants& values) {
  for (const auto& each : values)
    to.push_back(operation_of(id).request(parameter + "_" + each.name,
                                          parameter + "=" + each.value));
}

void add_pages(http_cases& to) {
  for (const auto* id : {"listAthletes", "listActivities", "listDeadLetters"}) {
    add_values(to, id, "limit",
               {{"zero", "0"},
                {"one", "1"},
                {"most", "200"},
                {"too_large", "201"},
                {"negative", "-1"},
                {"signed", "%2B1"},
                {"leading_zeros", "007"},
                {"text", "x"},
                {"fraction", "1.5"},
                {"beyond_32_bits", "4294967297"}});
    auto longest = std::size_t{id == std::string{"listDeadLetters"} ? 64U
                                                                    : 1'024U};
    add_values(to, id, "cursor",
               {{"wild", "%01%22%C3%A9%2B+x"},
                {"longest", std::string(longest, 'c')},
                {"too_long", std::string(longest + 1, 'c')}});
  }
}

void add_activities(http_cases& to) {
  add_values(to, "listActivities", "sport_type",
             {{"known", "Run"},
              {"longest", std::string(50, 'R')},
              {"too_long", std::string(51, 'R')},
              {"blank", "Trail%20Run"},
              {"unicode", "R%C3%BCn"}});
  for (const auto* name : {"from", "to"})
    add_values(to, "listActivities", name,
               {{"day", "2023-01-31"},
                {"leap_day", "2024-02-29"},
                {"no_leap_day", "2023-02-29"},
                {"time", "2023-01-31T10:00:01Z"},
                {"time_with_offset", "2023-01-31T10:00:00-05:30"},
                {"time_without_zone", "2023-01-31T10:00:00"},
                {"hour_24", "2023-01-31T24:00:00Z"},
                {"offset_25", "2023-01-01T10:00:00%2B25:00"},
                {"word", "yesterday"},
                {"seconds", "1675123200"},
                {"month_13", "2023-13-01"},
                {"year_0", "0000-01-01"},
                {"epoch", "1970-01-01T00:00:00Z"},
                {"before_epoch", "1969-12-31"}});
  const auto& list = operation_of("listActivities");
  to.push_back(list.request("from_after_to", "from=2023-02-01&to=2023-01-31"));
  to.push_back(list.request("from_is_to", "from=2023-02-01T10:00:00Z"
                                          "&to=2023-02-01T10:00:00Z"));
  to.push_back(
    list.request("from_and_to_a_day", "from=2023-02-01&to=2023-02-01"));
  to.push_back(list.request("all_parameters",
                            "cursor=abc&limit=7&sport_type=Run&from=2023-01-31"
                            "&to=2023-02-01T10:00:00Z&include=raw"));
  to.push_back(list.request("two_wrong_parameters", "limit=0&from=x"));
  to.push_back(list.request("wrong_and_unknown_parameter", "a=1&limit=0"));
  for (const auto* id : {"listActivities", "getActivity"})
    add_values(to, id, "include",
               {{"raw", "raw"}, {"other", "all"}, {"both", "raw,all"}});
  auto two = operation_of("getActivity").request("wrong_id_and_parameter");
  two.target = "/api/v1/activities/x?include=all&a=1";
  to.push_back(std::move(two));
}

void add_letters(http_cases& to) {
  const auto longest = std::string(256, 'd');
  for (const auto* name : {"durable", "reason"})
    add_values(to, "listDeadLetters", name,
               {{"longest", longest}, {"too_long", longest + "d"}});
  add_values(to, "listDeadLetters", "athlete_id",
             {{"zero", "0"}, {"text", "x"}, {"too_large", "1" + longest}});
  for (const auto* name : {"older_than_s", "newer_than_s"})
    add_values(to, "listDeadLetters", name,
               {{"zero", "0"},
                {"hour", "1h"},
                {"longest", "4294967295"},
                {"too_long", "4294967296"}});
  to.push_back(operation_of("listDeadLetters")
                 .request("all_parameters",
                          "durable=a%20b&reason=%22no%22+%C3%A9&athlete_id=7"
                          "&older_than_s=60&newer_than_s=3600&limit=10"
                          "&cursor=12"));
}

std::string many_ids(int count) {
  auto result = std::string{R"({"ids":[1)"};
  for (auto i = 2; i <= count; ++i)
    result += "," + std::to_string(i);
  return result + "]}";
}

void add_choices(http_cases& to) {
  const auto longest = std::string(256, 'd');
  const auto choices = variants{
    {"ids_none", R"({"ids":[]})"},
    {"ids_zero", R"({"ids":[0]})"},
    {"ids_text", R"({"ids":["1"]})"},
    {"ids_no_list", R"({"ids":1})"},
    {"ids_most", many_ids(100)},
    {"ids_too_many", many_ids(101)},
    {"ids_twice", R"({"ids":[1],"ids":[2]})"},
    {"ids_and_all", R"({"ids":[1],"all":true})"},
    {"ids_and_filter", R"({"ids":[1],"durable":"d"})"},
    {"ids_and_cursor", R"({"ids":[1],"cursor":"9"})"},
    {"ids_dry_run", R"({"ids":[3,4],"dry_run":true})"},
    {"all_false", R"({"all":false})"},
    {"all_text", R"({"all":"yes"})"},
    {"all", R"({"all":true})"},
    {"all_with_everything",
     R"({"all":true,"durable":"d é","reason":"r \"x\"","athlete_id":7,)"
     R"("older_than_s":1,"newer_than_s":4294967295,"cursor":"9",)"
     R"("dry_run":true})"},
    {"all_cursor_empty", R"({"all":true,"cursor":""})"},
    {"dry_run_number", R"({"all":true,"dry_run":1})"},
    {"athlete_id_negative", R"({"all":true,"athlete_id":-1})"},
    {"athlete_id_text", R"({"all":true,"athlete_id":"7"})"},
    {"older_than_s_zero", R"({"all":true,"older_than_s":0})"},
    {"newer_than_s_fraction", R"({"all":true,"newer_than_s":1.5})"},
    {"newer_than_s_too_long", R"({"all":true,"newer_than_s":4294967296})"},
    {"durable_number", R"({"all":true,"durable":7})"},
    {"durable_empty", R"({"all":true,"durable":""})"},
    {"durable_too_long", R"({"all":true,"durable":"d)" + longest + "\"}"},
    {"reason_empty", R"({"all":true,"reason":""})"},
    {"two_wrong_members", R"({"all":1,"durable":""})"},
  };
  for (const auto* id : {"retryDeadLetters", "dropDeadLetters"})
    for (const auto& each : choices) {
      auto one = operation_of(id).request("choice_" + each.name);
      one.body = each.value;
      to.push_back(std::move(one));
    }
}

void add_syncs(http_cases& to) {
  auto add = [&](const std::string& id, const variants& bodies) {
    for (const auto& each : bodies) {
      auto one = operation_of(id).request(each.name);
      one.body = each.value;
      to.push_back(std::move(one));
    }
  };
  add("startSync", {{"mode_backfill", R"({"mode":"backfill"})"},
                    {"mode_incremental", R"({ "mode" : "incremental" })"},
                    {"mode_relist", R"({"mode":"relist"})"},
                    {"mode_unknown", R"({"mode":"all"})"},
                    {"mode_empty", R"({"mode":""})"},
                    {"mode_in_capitals", R"({"mode":"BACKFILL"})"},
                    {"mode_null", R"({"mode":null})"},
                    {"mode_number", R"({"mode":1})"},
                    {"mode_twice", R"({"mode":"backfill","mode":"relist"})"},
                    {"mode_and_more", R"({"mode":"backfill","lane":"live"})"},
                    {"deep", std::string(100'000, '[')}});
  add("confirmDeletions",
      {{"missing_largest", R"({"missing":9223372036854775807})"},
       {"missing_too_large", R"({"missing":9223372036854775808})"},
       {"missing_zero", R"({"missing":0})"},
       {"missing_negative", R"({"missing":-1})"},
       {"missing_fraction", R"({"missing":1.5})"},
       {"missing_text", R"({"missing":"1"})"},
       {"missing_null", R"({"missing":null})"},
       {"missing_twice", R"({"missing":1,"missing":2})"},
       {"missing_and_more", R"({"missing":1,"sure":true})"}});
  auto two = operation_of("startSync").request("wrong_id_and_mode");
  two.target = "/api/v1/athletes/x/sync?a=1";
  two.body = R"({"mode":"all"})";
  to.push_back(std::move(two));
}

void add_operations(http_cases& to) {
  const auto longest = std::string(256, 'n');
  add_values(
    to, "getActors", "node",
    {{"named", "n%202"}, {"longest", longest}, {"too_long", longest + "n"}});
  for (const auto& each : variants{{"capitals", "Relist"},
                                   {"blank", "re%20list"},
                                   {"dots", ".."},
                                   {"slash", "a%2Fb"},
                                   {"longest", std::string(64, 'a')},
                                   {"too_long", std::string(65, 'a')}}) {
    auto one = operation_of("listScheduleRuns").request("name_" + each.name);
    one.target = "/api/v1/admin/schedules/" + each.value + "/runs";
    to.push_back(std::move(one));
  }
  auto reset = operation_of("resetBudget").request("forwarded");
  reset.headers.emplace_back("X-Forwarded-For", "10.1.2.3, \xFF");
  to.push_back(std::move(reset));
}

/// Paths where nothing is.
void add_nowhere(http_cases& to) {
  for (const auto& each : variants{{"api", "/api"},
                                   {"version", "/api/v1"},
                                   {"other_version", "/api/v2/athletes"},
                                   {"slash_at_the_end", "/api/v1/athletes/"},
                                   {"no_id", "/api/v1/athletes//sync"},
                                   {"below", "/api/v1/athletes/7/sync/x"},
                                   {"capitals", "/API/v1/athletes"},
                                   {"slashes", "//"},
                                   {"icon", "/favicon.ico"},
                                   {"assets", "/assets/"},
                                   {"dots", "/assets/../api.cpp"}})
    to.push_back({.name = "nowhere/" + each.name, .target = each.value});
  to.push_back({.name = "nowhere/delete",
                .method = "DELETE",
                .target = "/api/v1/nothing"});
  to.push_back({.name = "nowhere/options",
                .method = "OPTIONS",
                .target = "/api/v1/nothing"});
  to.push_back(
    {.name = "nowhere/options_of_all", .method = "OPTIONS", .target = "*"});
  // What the page's own paths answer is in its files.
  for (const auto& each : variants{{"index", "/"},
                                   {"athlete", "/athletes/7"},
                                   {"asset", "/assets/base.css"}})
    for (const auto* method : {"OPTIONS", "PUT"})
      to.push_back({.name = "page/" + each.name + "_" + method,
                    .method = method,
                    .target = each.value});
}

} // namespace

http_cases refusals() {
  http_cases all;
  for (const auto& each : operations()) {
    add_origins(all, each);
    if (each.method == "POST")
      add_bodies(all, each);
    if (each.id != "getOpenapi" && each.id != "oauthCallback")
      add_parameters(all, each);
    if (each.pattern.find("{id}") != std::string::npos)
      add_ids(all, each);
  }
  add_queries(all);
  add_methods(all);
  add_pages(all);
  add_activities(all);
  add_letters(all);
  add_choices(all);
  add_syncs(all);
  add_operations(all);
  add_nowhere(all);
  return all;
}

} // namespace stravasync::golden
