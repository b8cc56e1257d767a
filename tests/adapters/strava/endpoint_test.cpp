#include "adapters/strava/endpoint.hpp"

#include "tests/adapters/strava/calls.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;
using strava::form_of;
using strava::parse_endpoint;

TEST_CASE("a base URL tells host, port, prefix and whether to use TLS") {
  auto to = parse_endpoint("https://www.strava.com/api/v3", "S");
  REQUIRE(to);
  CHECK(to->tls);
  CHECK(to->host == "www.strava.com");
  CHECK(to->port == "443");
  CHECK(to->path == "/api/v3");
  CHECK(to->host_header == "www.strava.com");
  CHECK(to->name() == "www.strava.com:443");
}

TEST_CASE("a base URL may have a port, no path, and slashes at its end") {
  auto to = parse_endpoint("http://127.0.0.1:8085//", "S");
  REQUIRE(to);
  CHECK_FALSE(to->tls);
  CHECK(to->port == "8085");
  CHECK(to->path.empty());
  CHECK(to->host_header == "127.0.0.1:8085");
  auto six = parse_endpoint("http://[::1]:80", "S");
  REQUIRE(six);
  CHECK(six->host == "::1");
  CHECK(six->host_header == "[::1]:80");
  CHECK(six->name() == "[::1]:80");
}

TEST_CASE("a base URL that cannot be used is refused by its setting's name") {
  auto url = GENERATE("", "www.strava.com", "/api/v3", "ftp://host/", "http://",
                      "http://:80", "https://a b/", "https://host:0/",
                      "https://host:99999/", "https://host:port/",
                      "https://user:pw@host/", "https://host/?x=1",
                      "https://host/#x", "nats://host:1");
  CAPTURE(url);
  auto to = parse_endpoint(url, "STRAVASYNC_STRAVA_API_URL");
  CHECK(failure_of(to) == ec::invalid_argument);
  CHECK(text_of(to).starts_with("STRAVASYNC_STRAVA_API_URL: "));
  CHECK(text_of(to).find("pw") == std::string::npos);
}

TEST_CASE("a client with an unusable setting is not opened") {
  auto options = options_for("127.0.0.1:1");
  options.oauth_url = "strava";
  auto oauth = strava::open_oauth(options);
  CHECK(failure_of(oauth) == ec::invalid_argument);
  CHECK(text_of(oauth).starts_with("STRAVASYNC_STRAVA_OAUTH_URL: "));
  options.api_url = "strava";
  CHECK(text_of(strava::open_api(options))
          .starts_with("STRAVASYNC_STRAVA_API_URL: "));
  options = options_for("127.0.0.1:1");
  options.connections_max = 0;
  CHECK(text_of(strava::open_api(options)).starts_with("connections_max: "));
  options = options_for("127.0.0.1:1");
  options.user_agent = "a\r\nX-Evil: b";
  CHECK(text_of(strava::open_api(options)).starts_with("user_agent: "));
  options = options_for("127.0.0.1:1");
  options.api_url = "https://127.0.0.1:1";
  options.ca_file = "/nowhere/authority.pem";
  CHECK(text_of(strava::open_api(options)).starts_with("ca_file: "));
}

TEST_CASE("form values are percent-encoded, names stay") {
  CHECK(form_of({{"a", "b c&d=e+%"}, {"scope", "read,activity:read_all"}})
        == "a=b%20c%26d%3De%2B%25&scope=read,activity:read_all");
  CHECK(form_of({{"u", "\xc3\xa9\r\n"}}) == "u=%C3%A9%0D%0A");
}
