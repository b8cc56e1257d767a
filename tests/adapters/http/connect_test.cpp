#include "tests/adapters/http/api_fixture.hpp"

namespace stravasync::http {

namespace {

const auto browser
  = test::header_list{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

} // namespace

TEST_CASE_METHOD(api_fixture, "connecting sends the browser to Strava") {
  query::v1::ConnectUrl url;
  url.set_url("https://www.strava.com/oauth/authorize?state=abc");
  service.begin_connect.give(url);
  auto reply = client.get("/connect", browser);
  CHECK(reply.status == 302);
  CHECK(reply.header("location") == url.url());
  CHECK(reply.header("cache-control") == "no-store");
}

TEST_CASE_METHOD(api_fixture,
                 "the browser that begins is known on its return") {
  query::v1::ConnectUrl begun;
  begun.set_url("https://www.strava.com/oauth/authorize?state=0af.99.sig");
  begun.set_state("0af.99.sig");
  begun.set_proof("p1");
  begun.set_lifetime_s(1'800);
  service.begin_connect.give(begun);
  CHECK(client.get("/connect", browser).header("set-cookie")
        == "stravasync_connect_0af=p1; Path=/oauth/callback; Max-Age=1800; "
           "HttpOnly; SameSite=Lax");
  service.finish_connect.give(sample_athlete());
  const std::string callback = "/oauth/callback?state=0af.99.sig&code=c";
  auto back = client.get(
    callback,
    {{"Cookie", "stravasync_connect_1=p0; stravasync_connect_0af=p1"}});
  CHECK(service.finish_connect.asked.at(0).proof() == "p1");
  // Used, it goes.
  CHECK(back.header("set-cookie")
          .starts_with("stravasync_connect_0af=; Path=/oauth/callback; "
                       "Max-Age=0; "));
  client.get(callback, {{"Cookie", "stravasync_connect_1=p0"}});
  CHECK(service.finish_connect.asked.at(1).proof().empty());
}

TEST_CASE("connecting begins by the name that the browser comes back to") {
  for (const auto* host : {"", "box.lan:8080", "192.168.1.5"}) {
    INFO(host);
    api_fixture as{{.public_url = "http://localhost:8080",
                    .allowed_hosts = {"box.lan", "192.168.1.5"}}};
    as.service.begin_connect.give({});
    auto from = browser;
    if (*host != '\0')
      from.emplace_back("Host", host);
    auto elsewhere = as.client.get("/connect", from);
    CHECK(elsewhere.status == 302);
    CHECK(elsewhere.header("location")
          == "http://localhost:8080/connect?moved=1");
    CHECK(elsewhere.header("set-cookie").empty());
    CHECK(as.service.begin_connect.asked.empty());
    from = browser;
    from.emplace_back("Host", "localhost:1234");
    as.client.get("/connect?moved=1", from);
    as.client.get("/connect", from);
    CHECK(as.service.begin_connect.asked.size() == 2);
  }
}

TEST_CASE("a browser behind a proxy that says its own Host is moved once") {
  api_fixture as{{.public_url = "https://sync.example.org/strava"}};
  as.service.begin_connect.give({});
  auto sent_on = as.client.get("/connect", browser);
  CHECK(sent_on.header("location")
        == "https://sync.example.org/strava/connect?moved=1");
  as.client.get("/connect?moved=1", browser);
  CHECK(as.service.begin_connect.asked.size() == 1);
}

TEST_CASE("a browser that may have come without TLS is moved once") {
  api_fixture as{{.public_url = "https://sync.example.org"}};
  as.service.begin_connect.give({});
  auto from = browser;
  from.emplace_back("Host", "sync.example.org");
  CHECK(as.client.get("/connect", from).header("location")
        == "https://sync.example.org/connect?moved=1");
  as.client.get("/connect?moved=1", from);
  CHECK(as.service.begin_connect.asked.size() == 1);
}

TEST_CASE("a program begins by whatever name it asks") {
  api_fixture as{{.public_url = "https://sync.example.org"}};
  as.service.begin_connect.give({});
  as.client.get("/connect");
  CHECK(as.service.begin_connect.asked.size() == 1);
}

TEST_CASE_METHOD(api_fixture, "the callback ends on the athlete's page") {
  service.finish_connect.give(sample_athlete());
  auto reply = client.get("/oauth/callback?state=s%2B1&code=abc"
                          "&scope=read,activity:read_all&new=1",
                          browser);
  CHECK(reply.status == 302);
  CHECK(reply.header("location") == "/athletes/70000001");
  const auto& asked = service.finish_connect.asked.at(0);
  CHECK(asked.state() == "s+1");
  CHECK(asked.code() == "abc");
  CHECK(asked.scope() == "read,activity:read_all");
  CHECK(asked.error().empty());
}

TEST_CASE_METHOD(api_fixture, "a callback without state or code is refused") {
  check_bad_field(client.get("/oauth/callback?code=abc"), "state");
  check_bad_field(client.get("/oauth/callback?state=&code=abc"), "state");
  check_bad_field(client.get("/oauth/callback?state=abc"), "code");
  check_bad_field(client.get("/oauth/callback?state=a&state=b&code=c"),
                  "state");
  CHECK(service.finish_connect.asked.empty());
}

TEST_CASE_METHOD(api_fixture, "a person reads why connecting did not work") {
  service.finish_connect.fail(make_failure(
    ec::invalid_argument, "the state is <not> ours & may be forged"));
  auto reply = client.get("/oauth/callback?state=foreign&code=abc", browser);
  CHECK(reply.status == 400);
  CHECK(reply.header("content-type") == "text/html; charset=utf-8");
  CHECK(reply.header("content-security-policy").starts_with("default-src"));
  CHECK(reply.body.find("the state is &lt;not&gt; ours &amp; may be forged")
        != std::string::npos);
  CHECK(reply.body.find("href=\"/connect\"") != std::string::npos);
  check_problem(client.get("/oauth/callback?state=foreign&code=abc"), 400,
                "invalid_argument");
}

TEST_CASE_METHOD(api_fixture, "an athlete's refusal is passed on") {
  service.finish_connect.answer = [](const query::v1::FinishConnect& asked) {
    CHECK(asked.error() == "access_denied");
    return make_failure(ec::invalid_argument, "the athlete refused");
  };
  check_problem(client.get("/oauth/callback?state=abc&error=access_denied"),
                400, "invalid_argument");
}

TEST_CASE_METHOD(api_fixture, "connecting fails clearly while a part is down") {
  service.begin_connect.fail(
    make_failure(ec::unavailable, "the store is down"));
  auto reply = client.get("/connect", browser);
  CHECK(reply.status == 503);
  CHECK(reply.body.find("the store is down") != std::string::npos);
}

} // namespace stravasync::http
