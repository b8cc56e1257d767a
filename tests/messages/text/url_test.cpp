#include "messages/text/url.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

TEST_CASE("a URL has a scheme, a login, an authority and a rest") {
  auto parts = split_url("nats://me:p@ss@host:4222/a?b@c");
  CHECK(parts.scheme == "nats");
  CHECK(parts.login == "me:p@ss");
  CHECK(parts.authority == "host:4222");
  CHECK(parts.rest == "/a?b@c");
  CHECK(split_url("http://[::1]").authority == "[::1]");
  CHECK(split_url("http://host?q").rest == "?q");
  CHECK(split_url("http://host/a").login.empty());
}

TEST_CASE("what is no URL has no parts") {
  for (auto text : {"", "host:80", "/path", "null", "http:/x"}) {
    auto parts = split_url(text);
    CHECK(parts.scheme.empty());
    CHECK(parts.authority.empty());
    CHECK(parts.rest.empty());
  }
}

TEST_CASE("a host may have a port") {
  struct {
    std::string_view text;
    std::string_view host;
    std::optional<std::string_view> port;
    bool bracketed;
  } const cases[]{
    {"host", "host", {}, false},
    {"host:80", "host", "80", false},
    {"host:", "host", "", false},
    {":80", "", "80", false},
    {"10.0.0.1:x", "10.0.0.1", "x", false},
    {"[::1]", "::1", {}, true},
    {"[::1]:80", "::1", "80", true},
    {"[]:80", "", "80", true},
    {"", "", {}, false},
    // What has no such form is a host, which nothing will take for one.
    {"::1", "::1", {}, false},
    {"::1:80", "::1:80", {}, false},
    {"[::1", "[::1", {}, false},
    {"[::1]x:80", "[::1]x:80", {}, false},
  };
  for (const auto& each : cases) {
    INFO(each.text);
    auto [host, port, bracketed] = split_host_port(each.text);
    CHECK(host == each.host);
    CHECK(port == each.port);
    CHECK(bracketed == each.bracketed);
  }
}

TEST_CASE("a port is digits that fit") {
  for (auto text : {"1", "80", "0080", "65535"})
    CHECK(is_port(text));
  for (auto text : {"", "0", "00", "-1", "+1", " 80", "80 ", "65536",
                    "99999999999", "0x50", "8 0", "http"}) {
    INFO(text);
    CHECK_FALSE(is_port(text));
  }
  CHECK(parse_port("0") == 0);
  CHECK(parse_port("65535") == 65'535);
  CHECK_FALSE(parse_port("65536"));
  CHECK_FALSE(parse_port(""));
}
