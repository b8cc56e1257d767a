#include "adapters/http/url.hpp"
#include "tests/adapters/strava_sim/fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;
using namespace stravasync::strava_sim;
using namespace test::sim;

namespace {

std::string authorize(std::string_view without) {
  const std::pair<std::string_view, std::string_view> fields[]
    = {{"client_id", "7"},
       {"redirect_uri", "http://localhost/cb"},
       {"response_type", "code"},
       {"scope", "read,activity:read_all"}};
  auto result = std::string{"/oauth/authorize?state=x"};
  for (const auto& [name, value] : fields)
    if (name != without)
      result.append("&").append(name).append("=").append(value);
  return result;
}

http::response token_request(fixture& of, const std::string& body) {
  return of.send("POST", "/oauth/token", body).response;
}

const std::string good_client = "client_id=7&client_secret=x";

} // namespace

TEST_CASE(
  "consent redirects with state, code and the scopes that were ticked") {
  auto of = fixture{};
  auto target = std::string{authorize_target};
  for (const auto& ticked : {std::string{"scope=activity%3Aread_all"},
                             std::string{"scope=read&scope=activity:read_all"},
                             std::string{"scope=read,activity:read_all"}}) {
    auto answer = of.send("POST", target, "athlete_id=5&" + ticked).response;
    CHECK(answer.status == 302);
    auto location = header(answer, "Location");
    CHECK(location.starts_with("http://localhost/cb?state=s%2B1&code="));
    CHECK(location.ends_with("&scope=read,activity:read_all"));
    CHECK(parameter(answer, "state") == "s+1");
    CHECK(parameter(answer, "code").size() == 40);
  }
}

TEST_CASE("unticking everything still gives `read`") {
  auto of = fixture{};
  auto answer
    = of.send("POST", std::string{authorize_target}, "athlete_id=5").response;
  CHECK(parameter(answer, "scope") == "read");
}

TEST_CASE("nothing is granted that was not asked for") {
  auto of = fixture{};
  auto answer = of.send("POST", authorize(""),
                        "athlete_id=5&scope=activity:write,activity:read_all")
                  .response;
  CHECK(parameter(answer, "scope") == "read,activity:read_all");
}

TEST_CASE("a redirect address with a query of its own keeps it") {
  auto of = fixture{};
  auto target = authorize("redirect_uri")
                + "&redirect_uri=http%3A%2F%2Flocalhost%2Fcb%3Fa%3D1";
  auto answer = of.send("POST", target, "athlete_id=5").response;
  CHECK(header(answer, "Location")
          .starts_with("http://localhost/cb?a=1&state=x&code="));
}

TEST_CASE("cancelling redirects with access_denied") {
  auto of = fixture{};
  auto answer = of.send("POST", std::string{authorize_target},
                        "athlete_id=5&decision=deny")
                  .response;
  CHECK(answer.status == 302);
  CHECK(header(answer, "Location")
        == "http://localhost/cb?state=s%2B1&error=access_denied");
}

TEST_CASE("an authorize request that lacks something is refused") {
  auto of = fixture{};
  for (auto method : {"GET", "POST"}) {
    auto fault = [&](const std::string& target) {
      auto answer = of.send(method, target, "athlete_id=5").response;
      CHECK(answer.status == 400);
      return fault_of(answer);
    };
    CHECK(fault(authorize("client_id")) == "Application/client_id/missing");
    CHECK(fault(authorize("redirect_uri"))
          == "Application/redirect_uri/invalid");
    CHECK(fault(authorize("redirect_uri") + "&redirect_uri=javascript:1")
          == "Application/redirect_uri/invalid");
    CHECK(fault(authorize("response_type"))
          == "Authorize/response_type/invalid");
    CHECK(fault(authorize("scope")) == "Authorize/scope/invalid");
    CHECK(fault(authorize("scope") + "&scope=read,everything")
          == "Authorize/scope/invalid");
  }
}

TEST_CASE("an athlete who cannot be is asked for again") {
  auto of = fixture{};
  for (auto chosen : {"", "athlete_id=0", "athlete_id=abc",
                      "athlete_id=1000000001", "athlete_id=&other_athlete_id="})
    CHECK(of.send("POST", authorize(""), chosen).response.status == 400);
}

TEST_CASE("an id that was typed counts more than the list's choice") {
  auto of = fixture{};
  for (auto chosen : {"athlete_id=&other_athlete_id=1000000000",
                      "athlete_id=5&other_athlete_id=1000000000"}) {
    auto answer = of.send("POST", authorize(""), chosen).response;
    auto tokens = token_request(of, good_client
                                      + "&grant_type=authorization_code&code="
                                      + parameter(answer, "code"));
    CHECK(json{tokens.body}.at("/athlete/id") == "1000000000");
  }
}

TEST_CASE("the code gives tokens and the athlete, on either path") {
  auto of = fixture{};
  for (auto path : {"/oauth/token", "/api/v3/oauth/token"}) {
    auto code = parameter(
      of.send("POST", authorize(""), "athlete_id=5").response, "code");
    auto answer
      = of.send("POST", path,
                good_client + "&grant_type=authorization_code&code=" + code)
          .response;
    REQUIRE(answer.status == 200);
    auto body = json{answer.body};
    CHECK(body.at("/token_type") == "Bearer");
    CHECK(body.at("/expires_in") == "21600");
    CHECK(body.at("/expires_at") == std::to_string(fixture::noon_s + 21'600));
    CHECK(body.at("/athlete/id") == "5");
    CHECK(body.at("/athlete/resource_state") == "2");
    CHECK(body.at("/scope") == "missing");
    CHECK(header(answer, "X-Ratelimit-Usage") == "none");
  }
}

TEST_CASE("refreshing gives the same token, then a new one, never an athlete") {
  auto of = fixture{};
  auto first = of.connect(5);
  of.advance(3'600);
  auto same = json{of.refresh(first.refresh).body};
  CHECK(same.at("/access_token") == first.access);
  CHECK(same.at("/refresh_token") == first.refresh);
  CHECK(same.at("/expires_in") == "18000");
  CHECK(same.at("/athlete") == "missing");
  of.advance(4 * 3'600);
  auto renewed = json{of.refresh(first.refresh).body};
  CHECK(renewed.at("/access_token") != first.access);
  CHECK(renewed.at("/expires_in") == "21600");
  auto dead = of.refresh(first.refresh);
  CHECK(dead.status == 400);
  CHECK(fault_of(dead) == "RefreshToken/refresh_token/invalid");
  CHECK(of.get("/api/v3/athlete", first.access).status == 200);
  of.advance(3'601);
  CHECK(of.get("/api/v3/athlete", first.access).status == 401);
}

TEST_CASE("wrong token requests get Strava's errors") {
  auto with = simulator_options{};
  with.client_id = "7";
  with.client_secret = "s3cret";
  auto of = fixture{with};
  auto fault = [&of](const std::string& body) {
    auto answer = token_request(of, body);
    CHECK(answer.status == 400);
    return fault_of(answer);
  };
  CHECK(fault("") == "Application/client_id/invalid");
  CHECK(fault("client_id=8&client_secret=s3cret")
        == "Application/client_id/invalid");
  CHECK(fault("client_id=7&client_secret=guess")
        == "Application/client_secret/invalid");
  auto client = std::string{"client_id=7&client_secret=s3cret&"};
  CHECK(fault(client + "grant_type=password")
        == "TokenRequest/grant_type/invalid");
  CHECK(fault(client + "grant_type=authorization_code&code=dead")
        == "AuthorizationCode/code/invalid");
  CHECK(fault(client + "grant_type=refresh_token&refresh_token=dead")
        == "RefreshToken/refresh_token/invalid");
}

TEST_CASE("deauthorizing ends all tokens of the athlete") {
  auto of = fixture{};
  auto by_parameter = of.connect(5);
  auto by_header = of.connect(6);
  auto answer = of.send("POST", "/oauth/deauthorize",
                        "access_token=" + by_parameter.access)
                  .response;
  CHECK(answer.status == 200);
  CHECK(json{answer.body}.at("/access_token") == by_parameter.access);
  CHECK(of.send("POST", "/oauth/deauthorize", {}, "Bearer " + by_header.access)
          .response.status
        == 200);
  for (const auto& tokens : {by_parameter, by_header}) {
    CHECK(of.get("/athlete", tokens.access).status == 401);
    CHECK(of.refresh(tokens.refresh).status == 400);
  }
  CHECK(
    of.send("POST", "/oauth/deauthorize", "access_token=dead").response.status
    == 401);
}

TEST_CASE("revoking takes either token, and answers 200 twice") {
  auto of = fixture{};
  auto tokens = of.connect(5);
  auto client = std::string{"Basic Nzp4"}; // 7:x
  for (auto i = 0; i < 2; ++i)
    CHECK(of.send("POST", "/oauth/revoke", "token=" + tokens.refresh, client)
            .response.status
          == 200);
  CHECK(of.get("/athlete", tokens.access).status == 401);
  for (auto wrong : {"", "Basic ????", "Basic Nw==", "Bearer x"})
    CHECK(of.send("POST", "/oauth/revoke", "token=x", wrong).response.status
          == 401);
}

TEST_CASE("a lost answer to a refresh has still rotated the token") {
  auto of = fixture{};
  auto tokens = of.connect(5);
  of.advance(6 * 3'600);
  of.send("POST", "/sim/faults",
          R"({"mode":"close","count":1,"path":"/oauth/token"})");
  auto lost = of.send(
    "POST", "/oauth/token",
    good_client + "&grant_type=refresh_token&refresh_token=" + tokens.refresh);
  CHECK(lost.how == reply::way::close);
  CHECK(of.refresh(tokens.refresh).status == 400);
}
