#include "adapters/http/cookies.hpp"

#include <catch2/catch_test_macros.hpp>

namespace stravasync::http {

TEST_CASE("a cookie is kept from scripts and from other sites") {
  CHECK(to_header({.name = "a",
                   .value = "1",
                   .path = "/x",
                   .lifetime = std::chrono::seconds{60}})
        == "a=1; Path=/x; Max-Age=60; HttpOnly; SameSite=Lax");
  CHECK(to_header({.name = "a", .value = "", .path = "/", .needs_tls = true})
        == "a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
}

TEST_CASE("a cookie is found among others by its whole name") {
  request from;
  from.headers = {{"accept", "b=0"}, {"cookie", "ab=1; b=2;c=3; d"}};
  CHECK(cookie_value(from, "b") == "2");
  CHECK(cookie_value(from, "ab") == "1");
  CHECK(cookie_value(from, "c") == "3");
  CHECK(cookie_value(from, "d").empty());
  CHECK(cookie_value(from, "a").empty());
  CHECK(cookie_value({}, "a").empty());
}

} // namespace stravasync::http
