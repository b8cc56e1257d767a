#include "tests/adapters/http/api_fixture.hpp"
#include "tests/adapters/http/schema_check.hpp"

#include <cctype>
#include <map>
#include <set>

namespace stravasync::http {

namespace {

namespace json = boost::json;

/// "GET /api/v1/athletes/{id}" of each operation in the document.
std::set<std::string> described(const json::value& document) {
  std::set<std::string> result;
  for (const auto& [path, operations] : document.at("paths").as_object())
    for (const auto& [method, operation] : operations.as_object()) {
      std::string name{method};
      for (auto& c : name)
        c = static_cast<char>(std::toupper(c));
      result.insert(name + " " + std::string{path});
    }
  return result;
}

void fill_letters(scripted_service& service) {
  auto letter = sample_letter();
  query::v1::DeadLetterList letters;
  *letters.add_items() = letter;
  letters.add_items()->set_id(2);
  letters.set_next_cursor("3");
  service.list_letters.give(letters);
  letter.set_payload_json(R"({"athlete_id":7})");
  (*letter.mutable_headers())["Ss-Type"] = "t";
  service.get_letter.give(letter);
  query::v1::DeadLettersSettled settled;
  settled.add_items()->set_id(1);
  settled.set_done(1);
  service.retry.give(settled);
  service.drop.give(settled);
}

/// @returns a body that the operation takes.
std::string body_for(const std::string& pattern) {
  if (pattern.ends_with("/sync/confirm"))
    return R"({"missing":2})";
  return pattern.find("/dlq/") == std::string::npos ? R"({"mode":"relist"})"
                                                    : R"({"ids":[1]})";
}

/// @returns a path that the pattern fits.
std::string path_of(std::string pattern) {
  if (auto id = pattern.find("{id}"); id != std::string::npos)
    pattern.replace(id, 4, "7");
  if (auto name = pattern.find("{name}"); name != std::string::npos)
    pattern.replace(name, 6, "relist");
  return pattern;
}

/// A service whose answers have everything in them.
void fill(scripted_service& service) {
  auto athlete = sample_athlete();
  query::v1::AthleteList athletes;
  *athletes.add_items() = athlete;
  athletes.add_items()->set_id(2);
  service.list_athletes.give(athletes);
  service.get_athlete.give(athlete);
  service.get_sync.give(sample_status());
  service.start_sync.give(sample_status());
  service.confirm.give(events::v1::SyncStatus{});
  query::v1::ActivityList activities;
  *activities.add_items() = sample_activity();
  activities.add_items()->set_raw("{}");
  activities.set_next_cursor("next");
  service.list_activities.give(activities);
  service.get_activity.give(sample_activity());
  query::v1::Stats stats;
  stats.add_totals()->set_sport_type("Run");
  stats.add_months()->set_month("2023-09");
  service.get_stats.give(stats);
  query::v1::Budget budget;
  budget.add_gauges()->set_name("short_read");
  budget.add_closed()->set_start_ms(sample_start_ms);
  service.get_budget.give(budget);
  service.reset_budget.give(budget);
  query::v1::ActorTree tree;
  tree.add_nodes()->set_path("/api");
  auto* part = tree.add_parts();
  part->set_name("disk");
  part->set_problem("full");
  part->set_since_ms(sample_start_ms);
  part->set_last_ok_at_ms(sample_start_ms);
  tree.add_classes()->set_actor_class("tokens");
  service.get_actors.give(tree);
  query::v1::StreamList streams;
  streams.add_streams()->add_durables()->set_name("writer");
  service.get_streams.give(streams);
  query::v1::NodeList nodes;
  nodes.add_nodes()->add_roles("api");
  service.get_nodes.give(nodes);
  fill_letters(service);
  query::v1::ScheduleList schedules;
  schedules.set_leader("n1");
  schedules.add_schedules()->set_name("relist");
  auto* ran = schedules.add_schedules()->mutable_last_run();
  ran->set_state(state::v1::RUN_STATE_FINISHED);
  ran->set_finished_at_ms(sample_start_ms);
  service.list_schedules.give(schedules);
  query::v1::ScheduleRunList runs;
  *runs.add_runs() = *ran;
  runs.add_runs()->set_state(state::v1::RUN_STATE_INTERRUPTED);
  service.list_runs.give(runs);
}

} // namespace

TEST_CASE_METHOD(api_fixture, "the document describes every route, and only "
                              "routes that are there") {
  router api;
  auto full = [] {
    return std::vector<readiness>{{"disk", "full", false, 1, 1}};
  };
  mount_api(
    api, {service, feed, here, full, [](const text_receiver& to) { to({}); }});
  std::set<std::string> mounted;
  for (const auto& route : api.routes())
    mounted.insert(route.method + " " + route.pattern);
  auto reply = client.get("/openapi.json");
  CHECK(reply.header("content-type") == "application/json");
  auto document = json::parse(reply.body);
  CHECK(document.at("openapi") == "3.1.0");
  CHECK(described(document) == mounted);
}

TEST_CASE_METHOD(api_fixture, "real answers are as the document says") {
  fill(service);
  auto document = json::parse(client.get("/openapi.json").body);
  auto checked = 0;
  for (const auto& operation : described(document)) {
    INFO(operation);
    auto space = operation.find(' ');
    auto method = operation.substr(0, space);
    auto pattern = operation.substr(space + 1);
    auto path = path_of(pattern);
    if (pattern == "/api/v1/events" || pattern == "/openapi.json")
      continue;
    auto reply = method == "POST" ? client.post(path, body_for(pattern))
                                  : client.send(method, path);
    check_reply(document, pattern, method, reply.status,
                std::string{reply.header("content-type")}, reply.body);
    ++checked;
  }
  CHECK(checked == 27);
}

TEST_CASE_METHOD(api_fixture, "problems are as the document says") {
  auto document = json::parse(client.get("/openapi.json").body);
  auto check = [&](const std::string& pattern, const std::string& method,
                   const test::http_reply& reply) {
    check_reply(document, pattern, method, reply.status,
                std::string{reply.header("content-type")}, reply.body);
  };
  check("/api/v1/athletes", "GET", client.get("/api/v1/athletes?limit=0"));
  check("/api/v1/athletes/{id}/sync", "POST",
        client.post("/api/v1/athletes/7/sync", "{}", "text/plain"));
  check("/oauth/callback", "GET", client.get("/oauth/callback"));
  for (auto code : {ec::not_found, ec::conflict, ec::unavailable, ec::timed_out,
                    ec::internal}) {
    service.disconnect.fail(make_failure(code, "no"));
    check("/api/v1/athletes/{id}", "DELETE", client.del("/api/v1/athletes/7"));
  }
  parts[0].problem = "gone";
  check("/readyz", "GET", client.get("/readyz"));
}

TEST_CASE_METHOD(api_fixture,
                 "what is refused before a route looks at it is as "
                 "the document says, on every route") {
  auto document = json::parse(client.get("/openapi.json").body);
  auto refusals = std::map<int, int>{};
  for (const auto& operation : described(document)) {
    auto space = operation.find(' ');
    auto method = operation.substr(0, space);
    auto pattern = operation.substr(space + 1);
    auto check = [&](const test::header_list& headers,
                     const std::string& body = {}) {
      auto reply = client.send(method, path_of(pattern), headers, body);
      check_reply(document, pattern, method, reply.status,
                  std::string{reply.header("content-type")}, reply.body);
      ++refusals[reply.status];
    };
    check({{"Host", "elsewhere.example"}});
    if (pattern.starts_with("/api/"))
      check({{"Sec-Fetch-Site", "cross-site"}});
    // The answer to who is admitted has no end there.
    if (pattern != "/api/v1/events")
      check({{"Origin", "https://elsewhere.example"}});
    if (method != "POST")
      continue;
    check({{"Content-Type", "text/plain"}}, "{}");
    check({{"Content-Type", "application/json"}}, "{");
    check({{"Content-Type", "application/json"}},
          std::string((std::size_t{1} << 20) + 1, ' '));
  }
  // Probes are answered by any name.
  CHECK(refusals[421] == static_cast<int>(described(document).size()) - 3);
  CHECK(refusals[403] >= 23);
  CHECK(refusals[415] == 6);
  CHECK(refusals[413] == 6);
}

TEST_CASE_METHOD(api_fixture, "what a full bus refuses is as the document "
                              "says, wherever it is written to") {
  auto document = json::parse(client.get("/openapi.json").body);
  auto full = make_failure(ec::full, "no room is left");
  service.finish_connect.fail(full);
  service.reset_budget.fail(full);
  service.retry.fail(full);
  service.drop.fail(full);
  for (const auto& operation :
       {"GET /oauth/callback", "POST /api/v1/admin/budget/reset",
        "POST /api/v1/admin/dlq/retry", "POST /api/v1/admin/dlq/drop",
        "POST /api/v1/admin/dlq/{id}/retry", "DELETE /api/v1/admin/dlq/{id}"}) {
    auto name = std::string{operation};
    auto method = name.substr(0, name.find(' '));
    auto pattern = name.substr(name.find(' ') + 1);
    auto path = path_of(pattern);
    auto reply = method == "POST"
                   ? client.post(path, body_for(pattern))
                   : client.send(
                     method, path + (method == "GET" ? "?state=s&code=c" : ""));
    CHECK(reply.status == 507);
    check_reply(document, pattern, method, reply.status,
                std::string{reply.header("content-type")}, reply.body);
  }
}

TEST_CASE("the schema check finds what is wrong") {
  auto document = json::parse(openapi_document(site{}));
  auto schema = json::value{{"$ref", "#/components/schemas/Health"}};
  CHECK(
    violations(document, schema, json::parse(R"({"status":"ok"})")).empty());
  CHECK_FALSE(
    violations(document, schema, json::parse(R"({"status":1})")).empty());
  CHECK_FALSE(violations(document, schema, json::parse("{}")).empty());
  CHECK_FALSE(
    violations(document, schema, json::parse(R"({"status":"ok","more":1})"))
      .empty());
}

} // namespace stravasync::http
