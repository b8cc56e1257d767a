#include "adapters/strava/proxy.hpp"

#include "tests/adapters/strava/calls.hpp"
#include "tests/adapters/strava/connect_proxy.hpp"
#include "tests/adapters/strava/test_identity.hpp"

using namespace stravasync;
using namespace stravasync::test;

namespace {

const auto empty_page = http_answer(200, "[]");

/// @returns the proxy on the way to `url`, or nothing.
std::string way_to(const std::string& url, const std::string& none,
                   const std::string& proxy = "http://proxy.test:3128") {
  auto to = strava::parse_endpoint(url, "URL");
  REQUIRE(to);
  auto found = strava::proxy_for(*to, {proxy, proxy, none});
  REQUIRE(found);
  return *found ? (*found)->name() : std::string{};
}

std::string refusal_of(const std::string& proxy) {
  auto to = strava::parse_endpoint("https://www.strava.com", "URL");
  REQUIRE(to);
  auto found = strava::proxy_for(*to, {proxy, "", ""});
  REQUIRE_FALSE(found);
  CHECK(code_of(found.error()) == ec::invalid_argument);
  CHECK(text_of(found).find("s3cret") == std::string::npos);
  return text_of(found);
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("each scheme has a proxy of its own") {
  auto https = strava::parse_endpoint("https://www.strava.com", "URL");
  auto http = strava::parse_endpoint("http://www.strava.com", "URL");
  strava::proxy_settings settings{"http://one.test:1", "two.test", ""};
  CHECK((**strava::proxy_for(*https, settings)).name() == "one.test:1");
  CHECK((**strava::proxy_for(*http, settings)).name() == "two.test:80");
  CHECK_FALSE(*strava::proxy_for(*http, {"http://one.test:1", "", ""}));
}

TEST_CASE("what NO_PROXY lists is reached without a proxy") {
  const auto strava_url = std::string{"https://www.strava.com/api"};
  CHECK(way_to(strava_url, "") == "proxy.test:3128");
  CHECK(way_to(strava_url, "strava.org, example.com") == "proxy.test:3128");
  CHECK(way_to(strava_url, "rava.com") == "proxy.test:3128");
  CHECK(way_to(strava_url, "strava.com:8080") == "proxy.test:3128");
  for (const auto* none :
       {"*", "strava.com", ".strava.com", "*.strava.com", "WWW.Strava.com",
        "other.test,www.strava.com", "strava.com:443"})
    CHECK(way_to(strava_url, none).empty());
  CHECK(way_to("http://10.1.2.3", "10.0.0.0/8").empty());
  CHECK(way_to("http://11.1.2.3", "10.0.0.0/8") == "proxy.test:3128");
  CHECK(way_to("http://10.1.2.3", "10.1.2.3").empty());
  CHECK(way_to("http://[fd00::1]:90", "fd00::/8").empty());
  CHECK(way_to("http://[fe00::1]:90", "fd00::/8,[fe00::1]:91")
        == "proxy.test:3128");
  CHECK(way_to("http://[fe00::1]:91", "[fe00::1]:91").empty());
}

TEST_CASE("this machine is reached without a proxy") {
  for (const auto* url : {"http://127.0.0.1:8090", "http://[::1]:8090",
                          "http://localhost:8090", "http://LOCALHOST"})
    CHECK(way_to(url, "").empty());
}

TEST_CASE("a proxy that is no HTTP proxy is refused by name") {
  CHECK(holds(refusal_of("socks5://u:s3cret@proxy.test"),
              "HTTPS_PROXY: must begin with http://"));
  CHECK(holds(refusal_of("https://u:s3cret@proxy.test"), "https, socks"));
  CHECK(holds(refusal_of("http://u:s3cret@"), "must be a URL such as"));
}

TEST_CASE("a proxy's port is one that can be reached") {
  for (const auto* port : {"0", "65536", "99999", "99999999999"}) {
    auto said = refusal_of(std::string{"http://u:s3cret@proxy.test:"} + port);
    CHECK(said == "HTTPS_PROXY: has a port outside 1 to 65535");
  }
  static_cast<void>(refusal_of("proxy.test:x"));
  CHECK(way_to("http://a.test", "", "proxy.test:65535") == "proxy.test:65535");
  CHECK(way_to("http://a.test", "", "http://[fd00::1]:1/") == "[fd00::1]:1");
  CHECK(way_to("http://a.test", "", "http://proxy.test:") == "proxy.test:80");
}

TEST_CASE("proxies are looked at before anything is opened") {
  auto options = options_for("strava.test");
  CHECK_FALSE(strava::check_ways(options));
  options.proxies.http = "http://proxy.test:99999";
  CHECK(detail_of(strava::check_ways(options))
        == "HTTP_PROXY: has a port outside 1 to 65535");
  options.oauth_url = "http://u:pw@strava.test";
  options.proxies = {};
  CHECK(detail_of(strava::check_ways(options))
        == "STRAVASYNC_STRAVA_OAUTH_URL: must not hold a user name or "
           "password");
}

TEST_CASE("a plain request goes to the proxy whole, with its login") {
  scripted_server proxy{always(empty_page)};
  auto options = options_for("strava.test:8080");
  options.proxies.http = "http://us%40er:p%3Ass@" + proxy.address();
  auto api = api_with(options);
  auto result = await(list(*api));
  INFO(text_of(result.value));
  REQUIRE(result.value);
  auto request = proxy.requests().at(0);
  CHECK(request.starts_with(
    "GET http://strava.test:8080/api/v3/athlete/activities?"));
  CHECK(holds(request, "Host: strava.test:8080\r\n"));
  // us@er:p:ss
  CHECK(holds(request, "Proxy-Authorization: Basic dXNAZXI6cDpzcw==\r\n"));
}

TEST_CASE("a proxy that wants a login is said so, and nothing was sent") {
  scripted_server proxy{always(http_answer(407, "<html>login</html>"))};
  auto options = options_for("strava.test:8080");
  options.proxies.http = "http://" + proxy.address();
  auto expected = "strava.test:8080: the proxy " + proxy.address()
                  + ": asks for a login (407): write it into the proxy's URL";
  SECTION("when activities are listed") {
    auto api = api_with(options);
    auto result = await(list(*api));
    CHECK(failure_of(result.value) == ec::unavailable);
    CHECK(text_of(result.value) == expected);
    CHECK_FALSE(result.report.sent);
    CHECK(result.report.status == 0);
  }
  SECTION("when an athlete connects") {
    auto oauth = oauth_with(options);
    std::promise<caf::expected<token_grant>> promise;
    oauth->exchange_code("code", [&promise](caf::expected<token_grant> value) {
      promise.set_value(std::move(value));
    });
    auto value = await(promise.get_future());
    CHECK(failure_of(value) == ec::unavailable);
    CHECK(text_of(value) == expected);
  }
}

TEST_CASE("an encrypted request goes through the proxy's tunnel") {
  test_authority authority;
  scripted_server server{always(empty_page),
                         authority.issue("DNS:strava.test")};
  connect_proxy proxy{server.port()};
  auto options = options_for("strava.test");
  options.api_url = "https://strava.test/api/v3";
  options.ca_file = authority.certificate_file();
  options.proxies.https = proxy.url();
  options.proxies.https.insert(7, "user:word@");
  {
    auto api = api_with(options);
    for (auto i = 0; i < 2; ++i) {
      auto result = await(list(*api));
      INFO(text_of(result.value));
      REQUIRE(result.value);
    }
  }
  CHECK(server.connections() == 1);
  CHECK(server.requests().at(0).starts_with("GET /api/v3/athlete/"));
  CHECK_FALSE(holds(server.requests().at(0), "Proxy-"));
  CHECK(proxy.asked().starts_with("CONNECT strava.test:443 HTTP/1.1\r\n"));
  CHECK(holds(proxy.asked(), "Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n"));
  CHECK_FALSE(holds(proxy.asked(), "Bearer"));
}

TEST_CASE("a proxy that refuses is said so, and nothing was sent") {
  auto says = [](const std::string& answer) {
    scripted_server proxy{always(answer)};
    auto options = options_for("strava.test");
    options.api_url = "https://strava.test/api/v3";
    options.proxies.https = "http://" + proxy.address();
    auto api = api_with(options);
    auto result = await(list(*api));
    CHECK(failure_of(result.value) == ec::unavailable);
    CHECK_FALSE(result.report.sent);
    CHECK(holds(text_of(result.value), "the proxy " + proxy.address() + ": "));
    return text_of(result.value);
  };
  CHECK(holds(says(http_answer(407, "no")), "asks for a login (407)"));
  CHECK(holds(says(http_answer(403, "no")), "it answered 403"));
  CHECK(holds(says("nonsense\r\n\r\n"), "no answer that is HTTP"));
  CHECK(holds(says("HTTP/1.1 200 OK\r\n\r\nhello"), "nobody asked for"));
}

TEST_CASE("a proxy that does not answer has the connect's time") {
  scripted_server proxy{[](peer& client) { client.await_close(); }};
  auto options = options_for("strava.test");
  options.api_url = "https://strava.test/api/v3";
  options.proxies.https = "http://" + proxy.address();
  options.connect_timeout = std::chrono::milliseconds{200};
  auto api = api_with(options);
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(holds(text_of(result.value), "no connection within 200 ms"));
}
