#include "adapters/http/site.hpp"

#include "config/checks.hpp"
#include "tests/adapters/http/api_fixture.hpp"

#include <array>
#include <string>

namespace stravasync::http {

namespace {

const auto json = std::string{"application/json"};

request get(std::string path, const std::string& host) {
  request result;
  result.method = "GET";
  result.path = std::move(path);
  result.target = result.path;
  result.headers = {{"host", host}};
  return result;
}

int status_of(const site& of, request asked) {
  auto refused = refuse(of, asked);
  return refused ? refused->status : 200;
}

/// The API as reached through a proxy under a path.
struct under_a_path : api_fixture {
  under_a_path()
    : api_fixture{{.public_url = "https://sync.example.org/strava"}} {
  }
};

} // namespace

TEST_CASE("allowed hosts are ours, with the origins that they may have") {
  site here{{.allowed_hosts = {"api", "Box.lan:8000", "[fd00::1]"}}};
  CHECK(here.is_our_host("api:8080"));
  CHECK(here.is_our_host("box.lan"));
  CHECK(here.is_our_host("[fd00:0::1]:80"));
  CHECK(here.is_our_origin("http://api", "127.0.0.1:8080"));
  CHECK(here.is_our_origin("https://box.lan:8000", "127.0.0.1:8080"));
  CHECK_FALSE(here.is_our_origin("https://box.lan", "127.0.0.1:8080"));
  CHECK_FALSE(here.is_our_origin("ftp://api", "127.0.0.1:8080"));
}

TEST_CASE("an origin is ours by the public URL, whatever Host a proxy says") {
  site here{{.public_url = "https://sync.example.org"}};
  for (const auto* host : {"127.0.0.1:8080", "sync.example.org"}) {
    CHECK(here.is_our_origin("https://sync.example.org", host));
    CHECK(here.is_our_origin("https://sync.example.org:443", host));
    CHECK_FALSE(here.is_our_origin("http://sync.example.org", host));
    CHECK_FALSE(here.is_our_origin("https://evil.example", host));
    CHECK_FALSE(here.is_our_origin("null", host));
    CHECK_FALSE(here.is_our_origin("", host));
  }
  // Through a tunnel or a published port.
  CHECK(here.is_our_origin("http://localhost:9000", "localhost:9000"));
  CHECK_FALSE(here.is_our_origin("http://localhost:3000", "localhost:9000"));
  CHECK_FALSE(here.is_our_origin("http://localhost:9000,x", "localhost:9000"));
  // A foreign name says nothing for itself.
  CHECK_FALSE(here.is_our_origin("http://evil.example", "evil.example"));
}

TEST_CASE("another Host is refused for reads, events and changes") {
  site here;
  for (const auto* path : {"/", "/api/v1/athletes", "/api/v1/events",
                           "/assets/main.js", "/connect", "/openapi.json"})
    CHECK(status_of(here, get(path, "evil.example")) == 421);
  auto change = get("/api/v1/athletes/7", "evil.example");
  change.method = "DELETE";
  change.headers.emplace_back("origin", "http://evil.example");
  change.headers.emplace_back("sec-fetch-site", "same-origin");
  CHECK(status_of(here, change) == 421);
  // The target's own word wins.
  auto absolute = get("/", "localhost");
  absolute.target = "http://evil.example/";
  CHECK(status_of(here, absolute) == 421);
  absolute.target = "http://localhost@evil.example/";
  CHECK(status_of(here, absolute) == 421);
  CHECK(status_of(here, get("/", "localhost:8080, evil.example")) == 421);
}

TEST_CASE("probes may ask by any Host, or by none") {
  site here;
  for (const auto* path : {"/healthz", "/readyz", "/metrics"}) {
    CHECK(status_of(here, get(path, "10.244.0.9:8080")) == 200);
    CHECK(status_of(here, get(path, "")) == 200);
  }
  CHECK(status_of(here, get("/healthz/x", "10.244.0.9:8080")) == 421);
}

TEST_CASE_METHOD(api_fixture, "only our own pages may change something") {
  const std::string path = "/api/v1/athletes/7";
  const auto body = std::string{R"({"mode":"backfill"})"};
  const auto own = "http://" + server.address();
  service.disconnect.give({});
  service.start_sync.give(sample_status());
  for (const auto& headers : std::vector<test::header_list>{
         {{"Sec-Fetch-Site", "cross-site"}},
         {{"Sec-Fetch-Site", "same-site"}},
         {{"Origin", "https://evil.example"}},
         {{"Origin", "null"}},
         {{"Origin", own + ".evil.example"}},
         {{"Origin", own}, {"Sec-Fetch-Site", "cross-site"}}}) {
    check_problem(client.del(path, headers), 403, "cross_site");
    check_problem(client.post(path + "/sync", body, json, headers), 403,
                  "cross_site");
  }
  CHECK(service.disconnect.asked.empty());
  CHECK(service.start_sync.asked.empty());
  auto good = client.post(path + "/sync", body, json,
                          {{"Origin", own}, {"Sec-Fetch-Site", "same-origin"}});
  CHECK(good.status == 202);
  CHECK(client.post(path + "/sync", body).status == 202);
  CHECK(client.del(path).status == 200);
}

TEST_CASE_METHOD(api_fixture, "a form cannot change anything") {
  const std::string path = "/api/v1/admin/dlq/1/retry";
  for (const auto* type : {"application/x-www-form-urlencoded", "text/plain",
                           "multipart/form-data; boundary=x"})
    check_problem(client.post(path, "{}", type), 415, "unsupported_media_type");
  check_problem(client.send("POST", path), 415, "unsupported_media_type");
  CHECK(service.retry.asked.empty());
}

TEST_CASE_METHOD(api_fixture, "other sites' pages can take up no stream") {
  check_problem(client.get("/api/v1/events", {{"Sec-Fetch-Site", "cross-site"},
                                              {"Sec-Fetch-Mode", "cors"}}),
                403, "cross_site");
  // Following a link is no harm.
  service.get_athlete.give(sample_athlete());
  CHECK(client
          .get("/api/v1/athletes/7", {{"Sec-Fetch-Site", "cross-site"},
                                      {"Sec-Fetch-Mode", "navigate"}})
          .status
        == 200);
}

TEST_CASE_METHOD(api_fixture, "every answer says what may be done with it") {
  service.get_athlete.give(sample_athlete());
  const std::array answers{
    client.get("/"),          client.get("/api/v1/athletes/7"),
    client.get("/nothing"),   client.get("/healthz"),
    client.get("/metrics"),   client.send("OPTIONS", "/"),
    client.send("BREW", "/"), client.get("/", {{"Host", "evil.example"}}),
    client.get("/%"), // Answered by the server itself, which then closes.
  };
  for (const auto& reply : answers) {
    INFO(reply.status);
    CHECK(reply.header("x-frame-options") == "DENY");
    CHECK(reply.header("x-content-type-options") == "nosniff");
    CHECK(reply.header("referrer-policy") == "no-referrer");
    CHECK(reply.header("cross-origin-resource-policy") == "same-origin");
    auto policy = reply.header("content-security-policy");
    CHECK(policy.find("frame-ancestors 'none'") != std::string_view::npos);
    auto kept = reply.header("cache-control");
    CHECK((kept == "no-store" || kept == "no-cache"));
  }
}

TEST_CASE_METHOD(under_a_path, "all is found with and without the path") {
  service.get_athlete.give(sample_athlete());
  for (const auto* before : {"", "/strava"}) {
    auto at = [&](const std::string& path) { return before + path; };
    CHECK(client.get(at("/")).status == 200);
    CHECK(client.get(at("/athletes/7")).status == 200);
    CHECK(client.get(at("/assets/main.js")).status == 200);
    CHECK(client.get(at("/api/v1/athletes/7")).status == 200);
    CHECK(client.get(at("/healthz")).status == 200);
    CHECK(client.get(at("/healthz"), {{"Host", "10.1.1.1"}}).status == 200);
  }
  auto bare = client.get("/strava");
  CHECK(bare.status == 308);
  CHECK(bare.header("location") == "/strava/");
  CHECK(client.get("/stravast/healthz").status == 404);
}

TEST_CASE_METHOD(under_a_path, "what points elsewhere points under the path") {
  auto page = client.get("/").body;
  CHECK(page.find("src=\"/strava/assets/main.js\"") != std::string::npos);
  CHECK(page.find("href=\"/strava/\"") != std::string::npos);
  CHECK(page.find("=\"/assets") == std::string::npos);
  CHECK(client.get("/openapi.json").body.find(R"("url": "/strava")")
        != std::string::npos);
  service.start_sync.give(sample_status());
  auto started = client.post("/strava/api/v1/athletes/7/sync",
                             R"({"mode":"backfill"})");
  CHECK(started.header("location") == "/strava/api/v1/athletes/7/sync");
  service.finish_connect.give(sample_athlete());
  auto back = client.get("/strava/oauth/callback?state=a.1.b&code=c");
  CHECK(back.header("location") == "/strava/athletes/70000001");
  CHECK(back.header("set-cookie").find("; Path=/strava/oauth/callback; ")
        != std::string_view::npos);
  CHECK(back.header("set-cookie").ends_with("; Secure"));
  service.finish_connect.fail(make_failure(ec::invalid_argument, "no"));
  auto refused = client.get("/oauth/callback?state=a&code=c",
                            {{"Accept", "text/html"}});
  CHECK(refused.body.find("href=\"/strava/connect\"") != std::string::npos);
  CHECK(refused.body.find("=\"/assets") == std::string::npos);
}

TEST_CASE_METHOD(api_fixture, "no public path can be one of our own") {
  for (const auto& route : routes.routes()) {
    INFO(route.pattern);
    CHECK((route.pattern == "/" || is_own_path(route.pattern)));
  }
}

TEST_CASE_METHOD(api_fixture, "an encoded slash separates nothing") {
  service.start_sync.give(sample_status());
  CHECK(client.post("/api/v1/athletes/7%2Fsync", "{}").status == 405);
  check_bad_field(client.get("/api/v1/athletes/7%2fsync"), "id");
  check_problem(client.get("/api%2Fv1/athletes"), 404, "not_found");
  CHECK(service.start_sync.asked.empty());
}

} // namespace stravasync::http
