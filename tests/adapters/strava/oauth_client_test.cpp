#include "actors/ports/entities.hpp"
#include "tests/adapters/strava/calls.hpp"
#include "tests/adapters/strava/scripted_server.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;

namespace {

template <class T>
struct asked {
  caf::expected<T> value;
  std::vector<std::string> requests;
};

/// Calls `ask(oauth, done)` against a server that gives one answer.
template <class T, class Ask>
asked<T> ask(const std::string& answer, Ask call) {
  scripted_server server{always(answer)};
  auto oauth = oauth_with(options_for(server.address()));
  std::promise<caf::expected<T>> promise;
  call(*oauth, [&promise](caf::expected<T> value) {
    promise.set_value(std::move(value));
  });
  auto value = await(promise.get_future());
  return {std::move(value), server.requests()};
}

asked<token_grant> exchange(const std::string& answer) {
  return ask<token_grant>(answer, [](strava_oauth& oauth, auto done) {
    oauth.exchange_code("the code+", done);
  });
}

asked<token_grant> refresh(const std::string& answer) {
  return ask<token_grant>(answer, [](strava_oauth& oauth, auto done) {
    oauth.refresh("the-refresh-token", done);
  });
}

asked<bool> deauthorize(const std::string& answer) {
  return ask<bool>(answer, [](strava_oauth& oauth, auto done) {
    oauth.deauthorize("the-access-token", done);
  });
}

std::string fault_of(std::string_view resource, std::string_view field,
                     std::string_view code) {
  return R"({"message":"Bad Request","errors":[{"resource":")"
         + std::string{resource} + R"(","field":")" + std::string{field}
         + R"(","code":")" + std::string{code} + R"("}]})";
}

} // namespace

TEST_CASE("the authorize page's URL asks for everything a sync needs") {
  auto options = options_for("127.0.0.1:1");
  options.oauth_url = "https://www.strava.com/oauth/";
  auto oauth = oauth_with(options);
  CHECK(
    oauth->authorize_url("http://localhost:8080/oauth/callback?a=b&c", "s&t")
    == "https://www.strava.com/oauth/authorize?client_id=4711"
       "&redirect_uri=http:%2F%2Flocalhost:8080%2Foauth%2Fcallback%3Fa%3Db"
       "%26c&response_type=code&approval_prompt=auto"
       "&scope=read,activity:read_all,profile:read_all&state=s%26t");
}

TEST_CASE("browsers may have a name of their own for the consent page") {
  auto options = options_for("127.0.0.1:1");
  options.authorize_url = "http://localhost:8090/oauth/authorize";
  auto oauth = oauth_with(options);
  CHECK(oauth->authorize_url("http://localhost/", "s")
          .starts_with("http://localhost:8090/oauth/authorize?client_id=4711"));
}

TEST_CASE("a code is exchanged for tokens and the athlete as it came") {
  auto athlete = std::string{R"({ "id":12345678, "firstname":"J\u00e9" })"};
  auto [value, requests] = exchange(http_answer(
    200, R"({"token_type":"Bearer","expires_at":1542940199,)"
         R"("expires_in":21600,"refresh_token":"r1","access_token":"a1",)"
         R"("athlete":)"
           + athlete + " }"));
  REQUIRE(value);
  CHECK(value->access_token == "a1");
  CHECK(value->refresh_token == "r1");
  CHECK(value->expires_at_ms == 1'542'940'199'000);
  CHECK(value->athlete_json == athlete);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].starts_with("POST /oauth/token HTTP/1.1\r\n"));
  CHECK(requests[0].find("Content-Type: application/x-www-form-urlencoded\r\n")
        != std::string::npos);
  CHECK(requests[0].ends_with(
    "\r\n\r\nclient_id=4711&client_secret=s3cr3t-of-the-application"
    "&code=the%20code%2B&grant_type=authorization_code"));
}

TEST_CASE("a name that is no Unicode does not cost the tokens") {
  auto name = GENERATE("Ada \\ud83d", "Ada \\udc9a", "Ada \xff");
  auto [value, requests] = exchange(http_answer(
    200, R"({"access_token":"a","expires_at":1,"refresh_token":"r",)"
         R"("athlete":{"id":5,"firstname":")"
           + std::string{name} + R"("}})"));
  REQUIRE(value);
  auto who = strava::make_decoder()->decode_athlete(value->athlete_json);
  REQUIRE(who);
  CHECK(who->name == "Ada \xEF\xBF\xBD");
}

TEST_CASE("a refresh needs no athlete") {
  auto [value, requests] = refresh(http_answer(
    200, R"({"token_type":"Bearer","access_token":"a2","expires_at":)"
         R"(1568775134,"expires_in":20566,"refresh_token":"r2"})"));
  REQUIRE(value);
  CHECK(value->refresh_token == "r2");
  CHECK(value->athlete_json.empty());
  CHECK(requests.at(0).ends_with(
    "&grant_type=refresh_token&refresh_token=the-refresh-token"));
}

TEST_CASE("without expires_at the time left counts from the Date header") {
  auto [value, requests] = refresh(http_answer(
    200, R"({"access_token":"a","expires_in":100,"refresh_token":"r"})",
    "Date: Thu, 01 Jan 1970 00:01:00 GMT\r\n"));
  REQUIRE(value);
  CHECK(value->expires_at_ms == 160'000);
}

TEST_CASE("a token answer that lacks something is upstream's failure") {
  auto body = GENERATE(
    "", "[]", "<html></html>", R"({"refresh_token":"r-hidden","expires_at":1})",
    R"({"access_token":"a-hidden","expires_at":1})",
    R"({"access_token":"a-hidden","refresh_token":"r-hidden"})",
    R"({"access_token":"","refresh_token":"r-hidden","expires_at":1})",
    R"({"access_token":7,"refresh_token":"r-hidden","expires_at":1})",
    R"({"access_token":"a-hidden","refresh_token":"r-hidden","expires_at":1})",
    R"({"access_token":"a-hidden","refresh_token":"r-hidden","expires_at":1,)"
    R"("athlete":null})",
    R"({"access_token":"a-hidden","refresh_token":"r-hid)");
  auto [value, requests] = exchange(http_answer(200, body));
  CHECK(failure_of(value) == ec::upstream_failed);
  CHECK(text_of(value).find("hid") == std::string::npos);
}

TEST_CASE("a refused token request says who was refused") {
  struct sample {
    int status;
    std::string body;
    ec code;
  };
  auto [status, body, code] = GENERATE(
    sample{400, fault_of("Application", "client_id", "invalid"), ec::forbidden},
    sample{400, fault_of("Application", "client_secret", "invalid"),
           ec::forbidden},
    sample{401, fault_of("Application", "client_secret", "invalid"),
           ec::forbidden},
    sample{400, fault_of("RequestToken", "code", "invalid"), ec::needs_reauth},
    sample{400, fault_of("AuthorizationCode", "", "expired"), ec::needs_reauth},
    sample{400, fault_of("RefreshToken", "refresh_token", "invalid"),
           ec::needs_reauth},
    sample{400, fault_of("RefreshToken", "code", "invalid"), ec::needs_reauth},
    sample{401, fault_of("Athlete", "access_token", "invalid"),
           ec::needs_reauth},
    sample{403, fault_of("Application", "Status", "Inactive"), ec::forbidden},
    sample{400, "{}", ec::rejected}, sample{404, "", ec::rejected},
    sample{407, "", ec::upstream_failed}, sample{302, "", ec::rejected},
    sample{429, "", ec::upstream_failed},
    sample{403, "<html></html>", ec::upstream_failed},
    sample{403, R"({"message":"Rate Limit Exceeded"})", ec::upstream_failed},
    sample{500, "", ec::upstream_failed});
  CAPTURE(status, body);
  CHECK(failure_of(refresh(http_answer(status, body)).value) == code);
  CHECK(failure_of(exchange(http_answer(status, body)).value) == code);
}

TEST_CASE("secrets quoted back do not appear in an error") {
  auto body = R"({"message":"what about s3cr3t-of-the-application and )"
              R"(the-refresh-token, \u0074he-refresh-token"})";
  auto text = text_of(refresh(http_answer(400, body)).value);
  CHECK(text.find("what about *** and ***, ***") != std::string::npos);
}

TEST_CASE("a POST on a dead kept connection is not sent twice") {
  scripted_server server{[](peer& client) {
    client.read_request();
    client.write(http_answer(200, "{}"));
    client.read_request();
  }};
  auto oauth = oauth_with(options_for(server.address()));
  auto call = [&] {
    auto promise = std::make_shared<std::promise<caf::expected<bool>>>();
    oauth->deauthorize("t", [promise](caf::expected<bool> value) {
      promise->set_value(std::move(value));
    });
    return await(promise->get_future());
  };
  REQUIRE(call());
  CHECK(failure_of(call()) == ec::unavailable);
  CHECK(server.requests().size() == 2);
  CHECK(server.connections() == 1);
}

TEST_CASE("deauthorizing sends the token in the header") {
  auto [value, requests]
    = deauthorize(http_answer(200, R"({"access_token":"x"})"));
  REQUIRE(value);
  CHECK(*value);
  CHECK(requests.at(0).starts_with("POST /oauth/deauthorize HTTP/1.1\r\n"));
  CHECK(requests.at(0).find("Authorization: Bearer the-access-token\r\n")
        != std::string::npos);
  CHECK(requests.at(0).find("Content-Length: 0\r\n") != std::string::npos);
}

TEST_CASE("deauthorizing with a dead token needs no second try") {
  auto body = fault_of("Application", "", "invalid");
  CHECK(failure_of(deauthorize(http_answer(401, body)).value)
        == ec::needs_reauth);
  CHECK(failure_of(deauthorize(http_answer(500, "")).value)
        == ec::upstream_failed);
}

TEST_CASE("a token that cannot stand in a header is not sent") {
  scripted_server server{always(http_answer(200, "{}"))};
  auto oauth = oauth_with(options_for(server.address()));
  std::promise<caf::expected<bool>> promise;
  oauth->deauthorize("a\r\nb", [&](caf::expected<bool> value) {
    promise.set_value(std::move(value));
  });
  CHECK(failure_of(await(promise.get_future())) == ec::invalid_argument);
  CHECK(server.connections() == 0);
}
