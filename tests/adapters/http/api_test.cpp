#include "adapters/http/api.hpp"

#include "adapters/http/admin_client.hpp"
#include "tests/adapters/http/api_fixture.hpp"

#include <chrono>
#include <thread>

namespace stravasync::http {

namespace json = boost::json;

TEST_CASE_METHOD(api_fixture, "an activity has the shape that was agreed on") {
  service.get_activity.give(sample_activity());
  auto reply = client.get("/api/v1/activities/9000781210");
  CHECK(reply.status == 200);
  CHECK(reply.header("content-type") == "application/json");
  CHECK(reply.header("cache-control") == "no-store");
  auto activity = json::parse(reply.body);
  CHECK(activity.at("id") == 9'000'781'210);
  CHECK(activity.at("athlete_id") == 70'000'001);
  CHECK(activity.at("name") == "Evening \"Run\"\n\\ \xC3\xA9");
  CHECK(activity.at("sport_type") == "Run");
  CHECK(activity.at("start_date") == "2023-09-03T22:29:20Z");
  CHECK(activity.at("start_date_local") == "2023-09-03T18:29:20Z");
  CHECK(activity.at("timezone") == "(GMT-05:00) America/New_York");
  CHECK(activity.at("distance_m").as_double() == 5'053.8);
  CHECK(activity.at("moving_time_s") == 1'678);
  CHECK(activity.at("elapsed_time_s") == 1'709);
  CHECK(activity.at("total_elevation_gain_m") == 28);
  CHECK(activity.at("visibility") == "everyone");
  CHECK(activity.at("manual") == false);
  CHECK(activity.at("gear_id") == "g8000008");
  CHECK(activity.at("summary_polyline") == "g~njEh`rpG]Gm@o@");
  CHECK(activity.at("average_speed_mps").as_double() == 3.012);
  CHECK(activity.at("average_watts").is_null());
  CHECK_FALSE(activity.as_object().contains("raw"));
  REQUIRE(service.get_activity.asked.size() == 1);
  CHECK(service.get_activity.asked[0].id() == 9'000'781'210);
  CHECK_FALSE(service.get_activity.asked[0].include_raw());
}

TEST_CASE_METHOD(api_fixture, "raw is Strava's JSON byte for byte") {
  const auto raw = std::string{R"({"id" : 1,  "x":1.50, "u":"\u00e9"})"};
  auto activity = sample_activity();
  activity.set_raw(raw);
  service.get_activity.give(activity);
  auto reply = client.get("/api/v1/activities/1?include=raw");
  CHECK(reply.body.ends_with("\"raw\":" + raw + "}"));
  CHECK_NOTHROW(json::parse(reply.body));
  CHECK(service.get_activity.asked.at(0).include_raw());
}

TEST_CASE_METHOD(api_fixture, "activities are asked for as the query says") {
  query::v1::ActivityList list;
  *list.add_items() = sample_activity();
  list.set_next_cursor("next");
  service.list_activities.give(list);
  auto reply = client.get(
    "/api/v1/athletes/7/activities?cursor=abc&limit=200&sport_type=Run"
    "&from=2023-01-31&to=2023-02-01T10:00:00Z&include=raw");
  auto page = json::parse(reply.body);
  CHECK(page.at("items").as_array().size() == 1);
  CHECK(page.at("next_cursor") == "next");
  const auto& asked = service.list_activities.asked.at(0);
  CHECK(asked.athlete_id() == 7);
  CHECK(asked.cursor() == "abc");
  CHECK(asked.limit() == 200);
  CHECK(asked.sport_type() == "Run");
  CHECK(asked.from_ms() == 1'675'123'200'000);
  CHECK(asked.to_ms() == 1'675'245'600'000);
  CHECK(asked.include_raw());
}

TEST_CASE_METHOD(api_fixture, "a list without a query begins at its start") {
  auto reply = client.get("/api/v1/athletes/7/activities");
  CHECK(reply.body == R"({"items":[],"next_cursor":null})");
  const auto& asked = service.list_activities.asked.at(0);
  CHECK(asked.limit() == 50);
  CHECK(asked.cursor().empty());
  CHECK(asked.sport_type().empty());
  CHECK(asked.from_ms() == 0);
  CHECK(asked.to_ms() == 0);
}

TEST_CASE_METHOD(api_fixture, "the end date of a filter is part of it") {
  client.get("/api/v1/athletes/7/activities?from=2023-01-31&to=2023-01-31");
  const auto& asked = service.list_activities.asked.at(0);
  CHECK(asked.to_ms() - asked.from_ms() == 86'400'000);
}

TEST_CASE_METHOD(api_fixture, "stats have totals and months") {
  query::v1::Stats stats;
  auto& total = *stats.add_totals();
  total.set_sport_type("Run");
  total.set_count(3);
  total.set_distance_m(10.5);
  total.set_moving_time_s(60);
  total.set_elevation_gain_m(2);
  *stats.add_months() = total;
  stats.mutable_months(0)->set_month("2023-09");
  service.get_stats.give(stats);
  CHECK(client.get("/api/v1/athletes/7/stats").body
        == R"({"totals":[{"sport_type":"Run","count":3,"distance_m":10.5,)"
           R"("moving_time_s":60,"elevation_gain_m":2}],"months":[{"month":)"
           R"("2023-09","sport_type":"Run","count":3,"distance_m":10.5,)"
           R"("moving_time_s":60,"elevation_gain_m":2}]})");
  CHECK(service.get_stats.asked.at(0).athlete_id() == 7);
}

TEST_CASE_METHOD(api_fixture, "a sync shows its state, numbers and times") {
  service.get_sync.give(sample_status());
  auto reply = client.get("/api/v1/athletes/70000001/sync");
  CHECK(
    reply.body
    == R"({"state":"waiting","activities_stored":400,"expected":700,)"
       R"("resumes_at":"2023-09-03T22:29:22Z","eta_s":30,"mode":"backfill",)"
       R"("run_id":"run-1","reason":"out of requests for this window",)"
       R"("pages_stored":2,"started_at":"2023-09-03T22:29:20Z",)"
       R"("updated_at":"2023-09-03T22:29:21Z","finished_at":null,)"
       R"("failed":3,"missing_scopes":["profile:read_all"],)"
       R"("missing":{"activities":3,"since":"2023-09-03T22:29:20Z",)"
       R"("doubted":true},"hidden_activities":2})");
}

TEST_CASE_METHOD(api_fixture, "what a sync does not know is null") {
  events::v1::SyncStatus status;
  status.set_state(events::v1::SYNC_STATE_RUNNING);
  status.set_eta_s(-1);
  service.get_sync.give(status);
  auto sync = json::parse(client.get("/api/v1/athletes/7/sync").body);
  CHECK(sync.at("state") == "running");
  for (const auto* name : {"expected", "resumes_at", "eta_s", "mode", "run_id",
                           "reason", "started_at", "finished_at", "missing"}) {
    INFO(name);
    CHECK(sync.at(name).is_null());
  }
}

TEST_CASE_METHOD(api_fixture, "starting a sync is accepted and says where") {
  service.start_sync.give(sample_status());
  const auto path = std::string{"/api/v1/athletes/70000001/sync"};
  for (const auto* mode : {"backfill", "incremental", "relist"}) {
    auto reply = client.post(path, R"({"mode":")" + std::string{mode} + "\"}");
    CHECK(reply.status == 202);
    CHECK(reply.header("location") == path);
    CHECK(json::parse(reply.body).at("state") == "waiting");
  }
  const auto& asked = service.start_sync.asked;
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].mode() == jobs::v1::SYNC_MODE_BACKFILL);
  CHECK(asked[1].mode() == jobs::v1::SYNC_MODE_INCREMENTAL);
  CHECK(asked[2].mode() == jobs::v1::SYNC_MODE_RELIST);
  CHECK(asked[2].athlete_id() == 70'000'001);
}

TEST_CASE_METHOD(api_fixture, "athletes are listed, shown and disconnected") {
  query::v1::AthleteList list;
  *list.add_items() = sample_athlete();
  list.add_items()->set_id(8);
  service.list_athletes.give(list);
  service.get_athlete.give(sample_athlete());
  query::v1::Disconnected gone;
  gone.set_activities_deleted(700);
  service.disconnect.give(gone);
  auto page = json::parse(client.get("/api/v1/athletes?limit=2").body);
  CHECK(page.at("items").at(0).at("name") == "Jo Doe");
  CHECK(page.at("items").at(0).at("sync").at("state") == "waiting");
  CHECK(page.at("items").at(1).at("sync").is_null());
  CHECK(page.at("next_cursor").is_null());
  auto athlete = json::parse(client.get("/api/v1/athletes/70000001").body);
  CHECK(athlete.at("id") == 70'000'001);
  CHECK(athlete.at("connected_at") == "2023-09-03T22:29:20Z");
  CHECK(athlete.at("username").is_null());
  auto reply = client.del("/api/v1/athletes/70000001");
  CHECK(reply.status == 200);
  CHECK(reply.body == R"({"activities_deleted":700})");
  CHECK(service.disconnect.asked.at(0).id() == 70'000'001);
}

TEST_CASE_METHOD(api_fixture, "errors of the service keep what they say") {
  auto path = std::string{"/api/v1/athletes/7"};
  service.get_athlete.fail(make_failure(ec::not_found, "no such athlete"));
  check_problem(client.get(path), 404, "not_found");
  service.get_athlete.fail(make_failure(ec::unavailable, "the store is down",
                                        std::chrono::milliseconds{1'200}));
  auto reply = client.get(path);
  check_problem(reply, 503, "unavailable");
  CHECK(reply.header("retry-after") == "2");
  CHECK(json::parse(reply.body).at("detail") == "the store is down");
  service.get_athlete.fail(make_failure(ec::internal, "secret detail"));
  reply = client.get(path);
  check_problem(reply, 500, "internal");
  CHECK(reply.body.find("secret") == std::string::npos);
  service.list_activities.fail(
    make_failure(ec::invalid_argument, "cursor must be one this API gave"));
  check_problem(client.get(path + "/activities?cursor=tampered"), 400,
                "invalid_argument");
}

TEST_CASE_METHOD(api_fixture, "readiness names the part that is not ready") {
  CHECK(client.get("/healthz").status == 200);
  CHECK(client.get("/readyz").status == 200);
  parts[1].problem = "no connection";
  auto reply = client.get("/readyz");
  CHECK(reply.status == 503);
  CHECK(reply.body
        == R"({"ready":false,"parts":[{"part":"store","ready":true,"problem":)"
           R"(null},{"part":"bus","ready":false,"problem":"no connection"}]})");
  CHECK(client.get("/healthz").status == 200);
}

TEST_CASE_METHOD(api_fixture, "readiness says since when a part is as it is") {
  parts[1].problem = "no connection";
  parts[1].since_ms = sample_start_ms;
  parts[1].last_ok_at_ms = sample_start_ms - 1'000;
  auto document = boost::json::parse(client.get("/readyz").body);
  const auto& part = document.at("parts").as_array().at(1);
  CHECK(part.at("since") == "2023-09-03T22:29:20Z");
  CHECK(part.at("last_ok_at") == "2023-09-03T22:29:19Z");
}

TEST_CASE_METHOD(api_fixture,
                 "a node is ready without what it does not need, and says so") {
  parts.push_back({.part = "schedules",
                   .problem = "incremental: should have run 95 s ago",
                   .needed = false});
  auto reply = client.get("/readyz");
  CHECK(reply.status == 200);
  auto document = boost::json::parse(reply.body);
  CHECK(document.at("ready") == true);
  const auto& part = document.at("parts").as_array().at(2);
  CHECK(part.at("ready") == false);
  CHECK(part.at("needed") == false);
  CHECK(problems_in(reply.body)
        == "schedules: incremental: should have run 95 s ago");
}

TEST_CASE_METHOD(api_fixture, "the actors of any one node are shown") {
  query::v1::ActorTree tree;
  tree.set_node("n 2");
  tree.add_classes()->set_waiting(7);
  service.get_actors.give(tree);
  auto reply = client.get("/api/v1/admin/actors?node=n%202");
  CHECK(reply.status == 200);
  auto document = boost::json::parse(reply.body);
  CHECK(document.at("node") == "n 2");
  CHECK(document.at("classes").as_array().at(0).at("waiting") == 7);
  REQUIRE(service.get_actors.asked.size() == 1);
  CHECK(service.get_actors.asked[0].node() == "n 2");
  CHECK(client.get("/api/v1/admin/actors").status == 200);
  CHECK(service.get_actors.asked[1].node().empty());
  check_bad_field(
    client.get("/api/v1/admin/actors?node=" + std::string(257, 'n')), "node");
  service.get_actors.fail(make_failure(ec::timed_out, "n2 does not answer"));
  check_problem(client.get("/api/v1/admin/actors?node=n2"), 504, "timed_out");
}

TEST_CASE_METHOD(api_fixture, "metrics are text for Prometheus") {
  auto reply = client.get("/metrics");
  CHECK(reply.body == "up 1\n");
  CHECK(reply.header("content-type")
        == "text/plain; version=0.0.4; charset=utf-8");
}

TEST_CASE_METHOD(api_fixture, "a watching client gets events until it leaves") {
  using namespace std::chrono_literals;
  {
    test::event_reader reader{server.address(), "/api/v1/events"};
    for (auto begin = std::chrono::steady_clock::now();
         feed.watchers() == 0
         && std::chrono::steady_clock::now() - begin < 10s;)
      std::this_thread::yield();
    feed.emit({.kind = "sync", .athlete_id = 7, .status = sample_status()});
    feed.emit({.kind = "athlete_connected", .athlete_id = 8});
    feed.emit({.kind = "guardian", .text = "the store is down"});
    auto sync = reader.next(10s);
    REQUIRE(sync);
    CHECK(sync->kind == "sync");
    auto data = json::parse(sync->data);
    CHECK(data.at("athlete_id") == 7);
    CHECK(data.at("state") == "waiting");
    CHECK(data.at("activities_stored") == 400);
    auto connected = reader.next(10s);
    REQUIRE(connected);
    CHECK(connected->kind == "athlete_connected");
    CHECK(connected->data == R"({"athlete_id":8})");
    CHECK(reader.next(10s)->data == R"({"text":"the store is down"})");
  }
  for (auto begin = std::chrono::steady_clock::now();
       feed.watchers() > 0 && std::chrono::steady_clock::now() - begin < 10s;)
    std::this_thread::yield();
  CHECK(feed.watchers() == 0);
}

} // namespace stravasync::http
