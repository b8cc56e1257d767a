#include "adapters/http/admin_client.hpp"

#include "adapters/http/problem.hpp"
#include "adapters/http/sync_client.hpp"
#include "tests/adapters/http/test_server.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;
using namespace stravasync::http;
using std::chrono::milliseconds;

namespace {

admin_client
client_of(std::string_view url, milliseconds deadline = milliseconds{10'000}) {
  auto where = parse_admin_address(url);
  REQUIRE(where);
  return admin_client{std::move(*where), deadline};
}

/// Says in JSON what it was asked.
void repeat(const request& what, const std::shared_ptr<responder>& reply) {
  reply->send({.content_type = "application/json",
               .body = "{\"asked\":\"" + what.method + " " + what.path
                       + "\",\"body\":" + (what.body.empty() ? "0" : what.body)
                       + "}"});
}

handler answering(response with) {
  return [with](request, const std::shared_ptr<responder>& reply) {
    reply->send(with);
  };
}

std::string refusal_of(std::string_view url) {
  auto where = parse_admin_address(url);
  REQUIRE_FALSE(where);
  CHECK(code_of(where.error()) == ec::invalid_argument);
  return detail_of(where.error());
}

} // namespace

TEST_CASE("a node's address is read from a URL", "[http]") {
  auto plain = parse_admin_address("http://node-1:8080/");
  REQUIRE(plain);
  CHECK(plain->host == "node-1");
  CHECK(plain->port == "8080");
  CHECK(plain->prefix.empty());
  auto bare = parse_admin_address("[::1]:81/strava//");
  REQUIRE(bare);
  CHECK(bare->url == "http://[::1]:81/strava//");
  CHECK(bare->host == "::1");
  CHECK(bare->port == "81");
  CHECK(bare->prefix == "/strava");
  CHECK(parse_admin_address("http://node")->port == "80");
  CHECK(parse_admin_address("0.0.0.0:8080")->host == "127.0.0.1");
  CHECK(parse_admin_address("http://[::]:8080")->host == "::1");
  CHECK(parse_admin_address("unix:/run/node")->path == "/run/node");
}

TEST_CASE("an address that cannot be asked is refused with the rule",
          "[http]") {
  CHECK(refusal_of("https://example.org").find("TLS") != std::string::npos);
  for (const auto* url :
       {"", "http://", "http://host:0", "http://host:99999", "host:port",
        "http://a:b@host:80", "http://h/?x", "unix:", "http://ho st:80"})
    CHECK(refusal_of(url).starts_with("url: "));
  CHECK(refusal_of("unix:/" + std::string(200, 'x')).find("fits")
        != std::string::npos);
}

TEST_CASE("a node is asked over TCP and over a unix socket", "[http]") {
  scratch_folder folder;
  auto socket = "unix:" + folder.file("node");
  test_server server{repeat, server_options{.listen = {"127.0.0.1:0", socket}}};
  auto got = client_of(server.address()).get("/api/v1/admin/schedules");
  REQUIRE(got);
  CHECK(*got == R"({"asked":"GET /api/v1/admin/schedules","body":0})");
  auto posted = client_of(socket).post("/retry", R"({"all":true})");
  REQUIRE(posted);
  CHECK(*posted == R"({"asked":"POST /retry","body":{"all":true}})");
  auto bare = client_of("http://" + server.address() + "/below").post("/x", "");
  REQUIRE(bare);
  CHECK(*bare == R"({"asked":"POST /below/x","body":0})");
}

TEST_CASE("an answer without content is empty", "[http]") {
  test_server server{answering({.status = 204})};
  auto got = client_of(server.address()).post("/x", "");
  REQUIRE(got);
  CHECK(got->empty());
}

TEST_CASE("a problem document becomes one line with its code", "[http]") {
  test_server server{answering(
    to_response(problem_of(make_failure(ec::not_found, "no such\nschedule"))))};
  auto got = client_of(server.address()).get("/x");
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::not_found);
  CHECK(detail_of(got.error()) == "no such schedule");
}

TEST_CASE("an answer of something else is told as such", "[http]") {
  test_server page{answering({.content_type = "text/html", .body = "<p>Hi"})};
  auto got = client_of(page.address()).get("/x");
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::malformed);
  test_server gone{answering({.status = 404, .body = "nothing here"})};
  got = client_of(gone.address()).get("/x");
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::not_found);
  CHECK(detail_of(got.error()).find("status 404") != std::string::npos);
}

TEST_CASE("a node that cannot be reached is named", "[http]") {
  auto port = [] { return test_server{echo}.address(); }();
  auto got = client_of(port).get("/x");
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
  CHECK(detail_of(got.error())
        == "cannot reach http://" + port
             + ": Connection refused; does a node listen there?");
  auto missing = client_of("unix:/nowhere/at/all").get("/x");
  REQUIRE_FALSE(missing);
  CHECK(code_of(missing.error()) == ec::unavailable);
}

TEST_CASE("a node that does not answer is given up at the deadline", "[http]") {
  std::shared_ptr<responder> kept;
  test_server server{[&kept](request, std::shared_ptr<responder> reply) {
    kept = std::move(reply);
  }};
  auto got = client_of(server.address(), milliseconds{100}).get("/x");
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::timed_out);
  CHECK(detail_of(got.error()).find("did not answer in time")
        != std::string::npos);
}

TEST_CASE("a node that is not ready says what it lacks", "[http]") {
  test_server server{
    answering({.status = 503,
               .body = R"({"ready":false,"parts":[)"
                       R"({"part":"database","ready":true,"problem":null},)"
                       R"({"part":"bus","ready":false,"problem":"no server"},)"
                       R"({"part":"jobs","ready":false,"problem":"down"}]})"})};
  auto got = client_of(server.address()).get("/readyz");
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
  CHECK(detail_of(got.error()) == "bus: no server; jobs: down");
}

TEST_CASE("what is missing of an athlete is read from its sync", "[http]") {
  auto text = std::string{};
  test_server node{[&](request what, const std::shared_ptr<responder>& reply) {
    CHECK(what.path == "/api/v1/athletes/7/sync");
    reply->send({.content_type = "application/json", .body = text});
  }};
  auto client = client_of("http://" + node.address());
  text = R"({"missing":{"activities":3,"since":"2023-09-03T22:29:20Z"}})";
  auto found = find_missing(client, 7);
  REQUIRE(found);
  CHECK(found->count == 3);
  CHECK(found->since == "2023-09-03T22:29:20Z");
  text = R"({"missing":{"activities":3,"since":"\u009b2J\u007f"}})";
  CHECK(find_missing(client, 7)->since == R"(\u009b2J\u007f)");
  text = R"({"missing":null})";
  REQUIRE(find_missing(client, 7));
  CHECK(find_missing(client, 7)->count == 0);
  text = R"({"state":"complete"})";
  CHECK(code_of(find_missing(client, 7).error()) == ec::malformed);
}
