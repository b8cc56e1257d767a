#include "tests/adapters/jetstream/jetstream_fixture.hpp"
#include "tests/support/scratch_folder.hpp"

#include <sys/stat.h>

#include <fstream>

using namespace stravasync;
using namespace stravasync::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

struct login_fixture : jetstream_fixture {
  login_fixture()
    : jetstream_fixture(
      {.configuration = "authorization { user: ada, password: secret }"}) {
  }
};

/// A password of what has a meaning in URLs.
struct odd_login_fixture : jetstream_fixture {
  odd_login_fixture()
    : jetstream_fixture(
      {.configuration
       = R"(authorization { user: "a@b", password: "p:/?#%20" })"}) {
  }
};

struct token_fixture : jetstream_fixture {
  token_fixture()
    : jetstream_fixture(
      {.configuration = R"(authorization { token: "to/ken" })"}) {
  }
};

struct plain_nats_fixture : jetstream_fixture {
  plain_nats_fixture() : jetstream_fixture({.jetstream = false}) {
  }
};

struct accounts_fixture : jetstream_fixture {
  accounts_fixture()
    : jetstream_fixture({.configuration = R"(
accounts {
  A { jetstream: enabled, users: [ { user: a, password: a } ] }
  B { users: [ { user: b, password: b } ] }
})"}) {
  }
};

} // namespace

TEST_CASE("where no server is, none can be connected to", "[jetstream]") {
  auto log = log_lines{};
  auto url = "nats://127.0.0.1:" + std::to_string(::test::free_port());
  auto got = jetstream::open({.urls = {url}}, log);
  REQUIRE_FALSE(got);
  CHECK(code_of(got.error()) == ec::unavailable);
  CHECK(has(detail_of(got.error()), url));
}

TEST_CASE("who cannot connect does not tell a password", "[jetstream]") {
  auto log = log_lines{};
  auto host = "127.0.0.1:" + std::to_string(::test::free_port());
  auto got = jetstream::open({.urls = {"nats://ada:secret@" + host}}, log);
  REQUIRE_FALSE(got);
  CHECK(has(detail_of(got.error()), "nats://" + host));
  CHECK_FALSE(has(detail_of(got.error()), "secret"));
}

TEST_CASE("what cannot be connected to is named", "[jetstream]") {
  auto log = log_lines{};
  auto why = [&](const jetstream::options& how) {
    auto got = jetstream::open(how, log);
    REQUIRE_FALSE(got);
    CHECK(code_of(got.error()) == ec::invalid_argument);
    return detail_of(got.error());
  };
  CHECK(has(why({}), "URL"));
  auto urls = std::vector<std::string>{"nats://127.0.0.1:4222"};
  CHECK(has(why({.urls = urls, .credentials = "/nowhere/a"}), "/nowhere/a"));
  CHECK(has(why({.urls = urls, .tls_ca = "/nowhere/ca"}), "tls_ca"));
  CHECK(has(why({.urls = urls, .tls_certificate = "/nowhere/c"}), "key"));
  // Nobody writes into it.
  auto folder = scratch_folder{};
  auto pipe = folder.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(why({.urls = urls, .credentials = pipe})
        == "credentials: " + pipe + " is no regular file");
}

TEST_CASE_METHOD(login_fixture, "a wrong login is refused", "[jetstream]") {
  auto urls = std::vector{server->url()};
  CHECK(code_of(refused({.urls = urls})) == ec::denied);
  auto why = refused({.urls = urls, .user = "ada", .password = "no"});
  CHECK(code_of(why) == ec::denied);
  CHECK(has(detail_of(why), "refuses the login"));
  CHECK(has(detail_of(why), "Authorization Violation"));
  CHECK_FALSE(has(detail_of(why), ".c:"));
  auto on = connect({.urls = urls, .user = "ada", .password = "secret"});
  CHECK(bus_probe{on.messages}.ensure(jobs));
}

TEST_CASE_METHOD(odd_login_fixture, "a login in a URL is percent-encoded",
                 "[jetstream]") {
  auto host = "@127.0.0.1:" + std::to_string(server->port());
  auto url = "nats://a%40b:p%3A%2F%3f%23%2520" + host;
  auto on = connect({.urls = {url, server->url()}});
  CHECK(bus_probe{on.messages}.ensure(jobs));
  // One login for all servers.
  auto why = refused({.urls = {url, "nats://other:p%40" + host}});
  CHECK(code_of(why) == ec::invalid_argument);
  CHECK(has(detail_of(why), "one login for all"));
  CHECK_FALSE(has(detail_of(why), "p%40"));
}

TEST_CASE_METHOD(token_fixture, "a token in a URL is percent-encoded",
                 "[jetstream]") {
  auto on = connect(
    {.urls = {"nats://to%2Fken@127.0.0.1:" + std::to_string(server->port())}});
  CHECK(bus_probe{on.messages}.ensure(jobs));
}

TEST_CASE_METHOD(plain_nats_fixture, "a server without JetStream is no bus",
                 "[jetstream]") {
  auto why = refused({.urls = {server->url()}});
  CHECK(code_of(why) == ec::unavailable);
  CHECK(has(detail_of(why), "JetStream"));
}

TEST_CASE_METHOD(accounts_fixture, "an account without JetStream is refused",
                 "[jetstream]") {
  auto urls = std::vector{server->url()};
  auto why = refused({.urls = urls, .user = "b", .password = "b"});
  CHECK(code_of(why) == ec::denied);
  CHECK(has(detail_of(why), "JetStream"));
  connect({.urls = urls, .user = "a", .password = "a"});
}

TEST_CASE_METHOD(jetstream_fixture, "one of several servers is enough",
                 "[jetstream]") {
  auto nobody = "nats://127.0.0.1:" + std::to_string(::test::free_port());
  auto on = connect({.urls = {nobody, server->url()}});
  CHECK(bus_probe{on.messages}.ensure(jobs));
}

TEST_CASE_METHOD(jetstream_fixture, "a server without TLS is refused if wanted",
                 "[jetstream]") {
  auto url = "tls://127.0.0.1:" + std::to_string(server->port());
  auto why = refused({.urls = {url}});
  CHECK(code_of(why) == ec::unavailable);
  CHECK(has(detail_of(why), "TLS"));
}
