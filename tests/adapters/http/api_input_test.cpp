#include "tests/adapters/http/api_fixture.hpp"

namespace stravasync::http {

TEST_CASE_METHOD(api_fixture, "ids that are no numbers are refused") {
  for (const auto* id :
       {"x", "0", "-1", "+1", "1.5", "0x10", "9223372036854775808",
        "99999999999999999999999999", "1%20", "1e3", "%D9%A1"}) {
    INFO(id);
    auto path = "/api/v1/athletes/" + std::string{id};
    check_bad_field(client.get(path), "id");
    check_bad_field(client.del(path), "id");
    check_bad_field(client.get(path + "/sync"), "id");
    check_bad_field(client.post(path + "/sync", R"({"mode":"backfill"})"),
                    "id");
    check_bad_field(client.get(path + "/activities"), "id");
    check_bad_field(client.get(path + "/stats"), "id");
    check_bad_field(client.get("/api/v1/activities/" + std::string{id}), "id");
  }
  CHECK(client.get("/api/v1/athletes/9223372036854775807").status == 200);
  CHECK(service.get_athlete.asked.size() == 1);
}

TEST_CASE_METHOD(api_fixture, "deletions are confirmed with their number") {
  const auto path = std::string{"/api/v1/athletes/7/sync/confirm"};
  for (const auto* body :
       {R"({"missing":0})", R"({"missing":-1})", R"({"missing":"2"})",
        R"({"missing":1.5})", R"({"missing":null})", R"({})"})
    check_bad_field(client.post(path, body), "missing");
  check_bad_field(client.post(path, R"({"all":true})"), "all");
  CHECK(client.post(path, R"({"missing":2})", "text/plain").status == 415);
  CHECK(service.confirm.asked.empty());
  CHECK(client.post(path, R"({"missing":2})").status == 200);
  REQUIRE(service.confirm.asked.size() == 1);
  CHECK(service.confirm.asked[0].athlete_id() == 7);
  CHECK(service.confirm.asked[0].missing_activities() == 2);
  service.confirm.fail(make_failure(ec::conflict, "missing: 3 now"));
  CHECK(client.post(path, R"({"missing":2})").status == 409);
}

TEST_CASE_METHOD(api_fixture, "query parameters that are not known are named") {
  for (const auto* path :
       {"/api/v1/athletes", "/api/v1/athletes/7", "/api/v1/athletes/7/sync",
        "/api/v1/athletes/7/activities", "/api/v1/athletes/7/stats",
        "/api/v1/activities/7", "/api/v1/events", "/api/v1/admin/nodes",
        "/api/v1/admin/actors", "/api/v1/admin/budget", "/api/v1/admin/streams",
        "/connect"}) {
    INFO(path);
    check_bad_field(client.get(path + std::string{"?page=2"}), "page");
  }
  check_bad_field(client.del("/api/v1/athletes/7?force=1"), "force");
}

TEST_CASE_METHOD(api_fixture, "limits are 1 to 200, given once") {
  for (const auto* path : {"/api/v1/athletes", "/api/v1/athletes/7/activities"})
    for (const auto* limit : {"0", "201", "-1", "x", "", "1.0", "4294967297"}) {
      INFO(limit);
      check_bad_field(client.get(path + std::string{"?limit="} + limit),
                      "limit");
    }
  check_bad_field(client.get("/api/v1/athletes?limit=1&limit=2"), "limit");
  CHECK(client.get("/api/v1/athletes?limit=1").status == 200);
}

TEST_CASE_METHOD(api_fixture, "a cursor longer than any of ours is refused") {
  check_bad_field(
    client.get("/api/v1/athletes?cursor=" + std::string(2'000, 'a')), "cursor");
}

TEST_CASE_METHOD(api_fixture, "a sport filter has to look like one") {
  const auto path = std::string{"/api/v1/athletes/7/activities?sport_type="};
  for (const auto* sport : {"", "Trail%20Run", "Run%27", "%3Cb%3E", "R%C3%A9"})
    check_bad_field(client.get(path + sport), "sport_type");
  check_bad_field(client.get(path + std::string(51, 'a')), "sport_type");
  CHECK(client.get(path + "UnderwaterHockey").status == 200);
  service.list_activities.fail(
    make_failure(ec::invalid_argument, "there is no sport type Running"));
  check_problem(client.get(path + "Running"), 400, "invalid_argument");
}

TEST_CASE_METHOD(api_fixture, "dates that are none, or reversed, are refused") {
  const auto path = std::string{"/api/v1/athletes/7/activities?"};
  for (const auto* date :
       {"", "yesterday", "2023", "2023-13-01", "2023-02-29", "2023-1-1",
        "2023-01-01T10:00", "2023-01-01T24:00:00Z", "2023-01-01T10:00:00",
        "2023-01-01%2010:00:00Z", "2023-01-01Z", "1675123200", "-023-01-01",
        "0000-01-01", "2023-01-01T10:00:00+25:00"}) {
    INFO(date);
    check_bad_field(client.get(path + "from=" + date), "from");
    check_bad_field(client.get(path + "to=" + date), "to");
  }
  check_bad_field(client.get(path + "from=2023-02-01&to=2023-01-31"), "from");
  check_bad_field(client.get(path
                             + "from=2023-02-01T10:00:00Z"
                               "&to=2023-02-01T10:00:00Z"),
                  "from");
  CHECK(client.get(path + "from=2023-02-01&to=2023-02-01").status == 200);
  CHECK(client.get(path + "from=1970-01-01&to=1970-01-01").status == 200);
  // 0 is "not given": one millisecond earlier leaves out and lets in the same.
  CHECK(service.list_activities.asked.back().from_ms() == -1);
  CHECK(client.get(path + "to=1970-01-01T00:00:00Z").status == 200);
  CHECK(service.list_activities.asked.back().to_ms() == -1);
}

TEST_CASE_METHOD(api_fixture, "include takes raw and nothing else") {
  check_bad_field(client.get("/api/v1/activities/7?include=all"), "include");
  check_bad_field(client.get("/api/v1/activities/7?include="), "include");
}

TEST_CASE_METHOD(api_fixture, "a body of another type is refused with 415") {
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded",
                           "application/jsonp", "application/xml"})
    check_problem(
      client.post("/api/v1/athletes/7/sync", R"({"mode":"backfill"})", type),
      415, "unsupported_media_type");
  check_problem(client.send("POST", "/api/v1/athletes/7/sync", {},
                            R"({"mode":"backfill"})"),
                415, "unsupported_media_type");
  CHECK(client
          .post("/api/v1/athletes/7/sync", R"({"mode":"backfill"})",
                "Application/JSON; charset=utf-8")
          .status
        == 202);
}

TEST_CASE_METHOD(api_fixture, "a body that is no such JSON is refused") {
  const auto path = std::string{"/api/v1/athletes/7/sync"};
  for (const auto* body :
       {"", "{", "[]", "null", "\"backfill\"", "{\"mode\":\"backfill\"",
        "{\"mode\":\"backfill\"} x", "{\"mode\":\"backfill\"}{}",
        "{\"mode\":\"\xFF\"}", "{'mode':'backfill'}"}) {
    INFO(body);
    check_bad_field(client.post(path, body), "body");
  }
  for (const auto* body :
       {"{}", "{\"mode\":null}", "{\"mode\":1}", "{\"mode\":\"all\"}",
        "{\"mode\":\"\"}", "{\"mode\":\"BACKFILL\"}",
        "{\"mode\":\"backfill\",\"mode\":\"relist\"}"}) {
    INFO(body);
    check_bad_field(client.post(path, body), "mode");
  }
  check_bad_field(client.post(path, R"({"mode":"backfill","lane":"live"})"),
                  "lane");
  check_bad_field(client.post(path, R"({"a\"b":1})"), "a\"b");
  CHECK(service.start_sync.asked.empty());
}

TEST_CASE_METHOD(api_fixture, "deep and large JSON is refused without harm") {
  const auto path = std::string{"/api/v1/athletes/7/sync"};
  auto deep = std::string(100'000, '[');
  check_bad_field(client.post(path, deep), "body");
  auto large = "{\"mode\":\"" + std::string(1'100'000, 'x') + "\"}";
  auto reply = client.post(path, large);
  check_problem(reply, 413, "body_too_large");
}

TEST_CASE_METHOD(api_fixture, "another method gets 405 and what is allowed") {
  auto reply = client.send("PUT", "/api/v1/athletes/7");
  check_problem(reply, 405, "method_not_allowed");
  CHECK(reply.header("allow") == "OPTIONS, DELETE, GET, HEAD");
  reply = client.post("/api/v1/athletes", "{}");
  CHECK(reply.status == 405);
  CHECK(reply.header("allow") == "OPTIONS, GET, HEAD");
  reply = client.send("OPTIONS", "/api/v1/athletes/7/sync");
  CHECK(reply.status == 204);
  CHECK(reply.header("allow") == "OPTIONS, GET, HEAD, POST");
  CHECK(client.send("HEAD", "/api/v1/athletes").status == 200);
}

TEST_CASE_METHOD(api_fixture, "a path that is not there gets 404") {
  for (const auto* path :
       {"/api", "/api/v1", "/api/v1/athletes/", "/api/v1/athletes//sync",
        "/api/v1/athletes/7/sync/x", "/API/v1/athletes", "//", "/favicon.ico",
        "/api/v2/athletes", "/assets/", "/assets/../api.cpp"}) {
    INFO(path);
    check_problem(client.get(path), 404, "not_found");
  }
}

} // namespace stravasync::http
