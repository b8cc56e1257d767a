#include "adapters/http/site.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unistd.h>

#include <array>
#include <string>

namespace stravasync::http {

TEST_CASE("a node on loopback is known by every name of loopback") {
  site here{{.public_url = "https://sync.example.org"}};
  for (const auto* ours :
       {"127.0.0.1:8080", "localhost", "LocalHost.:99", "[::1]:8080",
        "127.9.9.9", "sync.example.org", "SYNC.example.org:443"}) {
    INFO(ours);
    CHECK(here.is_our_host(ours));
  }
  for (const auto* foreign :
       {"evil.example", "evil.example:8080", "", ":8080", "10.0.0.7",
        "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0",
        "sync.example.org.evil.example", "[::2]", "[::1", "x@127.0.0.1"}) {
    INFO(foreign);
    CHECK_FALSE(here.is_our_host(foreign));
  }
}

TEST_CASE("a name that is ours says nothing for what stands behind it") {
  site here{{.public_url = "https://sync.example.org:8443",
             .listen = {"0.0.0.0:0", "[::]:0"}}};
  for (const auto* ours :
       {"127.0.0.1:1", "127.0.0.1:65535", "127.0.0.1:", "localhost:0080",
        "[::1]", "sync.example.org", "sync.example.org:8443"}) {
    INFO(ours);
    CHECK(here.is_our_host(ours));
  }
  for (const auto* foreign : {"127.0.0.1:8080, evil.example",
                              "127.0.0.1, evil.example",
                              "127.0.0.1:8080/x",
                              "127.0.0.1:8080@evil.example",
                              "127.0.0.1:-1",
                              "127.0.0.1:+1",
                              "127.0.0.1:0",
                              "127.0.0.1:65536",
                              "127.0.0.1:99999999999",
                              "127.0.0.1: 80",
                              "127.0.0.1:80 ",
                              "127.0.0.1:80:80",
                              "127.0.0.1:80?x",
                              "127.0.0.1:http",
                              "localhost:evil.example",
                              "localhost:8080#",
                              "[::1]:x",
                              "[::1]evil",
                              "[::1%evil.example]:80",
                              "[127.0.0.1]:80",
                              "::1",
                              "sync.example.org:8443,evil.example"}) {
    INFO(foreign);
    CHECK_FALSE(here.is_our_host(foreign));
  }
}

TEST_CASE("a node on every address is known by any address, not any name") {
  for (const auto* all : {"0.0.0.0:8080", "[::]:8080"}) {
    site here{{.listen = {all}}};
    CHECK(here.is_our_host("10.0.0.7:8080"));
    CHECK(here.is_our_host("[fd00::7]:8080"));
    CHECK(here.is_our_host("localhost:8000"));
    CHECK_FALSE(here.is_our_host("evil.example:8080"));
  }
}

TEST_CASE("a node on every address is known by its machine's name, too") {
  auto name = std::array<char, 256>{};
  REQUIRE(::gethostname(name.data(), name.size() - 1) == 0);
  auto where = std::string{name.data()} + ":8080";
  site here{{.listen = {"0.0.0.0:8080"}}};
  CHECK(here.is_our_host(where));
  CHECK(here.is_our_origin("http://" + where, where));
  CHECK_FALSE(here.is_our_origin("http://evil.example:8080", where));
}

TEST_CASE("a node on one address is known by that one") {
  site here{
    {.public_url = "http://192.168.1.5:8080", .listen = {"192.168.1.5:8080"}}};
  CHECK(here.is_our_host("192.168.1.5:8080"));
  CHECK_FALSE(here.is_our_host("192.168.1.6:8080"));
  CHECK_FALSE(here.is_our_host("localhost:8080"));
}

TEST_CASE("a node behind a unix socket is known as localhost and in public") {
  site here{{.public_url = "https://sync.example.org",
             .listen = {"unix:/run/stravasync.sock"}}};
  CHECK(here.is_our_host("localhost"));
  CHECK(here.is_our_host("sync.example.org"));
  CHECK_FALSE(here.is_our_host("evil.example"));
}

} // namespace stravasync::http
