#include "tests/adapters/strava/calls.hpp"
#include "tests/adapters/strava/test_identity.hpp"

using namespace stravasync;
using namespace stravasync::test;

namespace {

const auto empty_page = http_answer(200, "[]");

strava::client_options
trusting(const test_authority& authority, const scripted_server& server,
         const std::string& host) {
  auto result = options_for(server.address());
  result.api_url = "https://" + host + ":" + std::to_string(server.port());
  result.ca_file = authority.certificate_file();
  return result;
}

} // namespace

TEST_CASE("a certificate for the host from a trusted authority is accepted") {
  test_authority authority;
  std::promise<std::string> name;
  scripted_server server{[&](peer& client) {
                           name.set_value(client.server_name());
                           while (client.read_request())
                             client.write(empty_page);
                         },
                         authority.issue("DNS:localhost")};
  auto api = api_with(trusting(authority, server, "localhost"));
  CHECK(await(list(*api)).value);
  CHECK(await(list(*api)).value);
  CHECK(server.connections() == 1);
  CHECK(await(name.get_future()) == "localhost");
}

TEST_CASE("an address can be what the certificate is for") {
  test_authority authority;
  scripted_server server{always(empty_page), authority.issue("IP:127.0.0.1")};
  auto api = api_with(trusting(authority, server, "127.0.0.1"));
  CHECK(await(list(*api)).value);
}

TEST_CASE("a certificate for another host is refused before anything is sent") {
  test_authority authority;
  scripted_server server{always(empty_page), authority.issue("DNS:strava.org")};
  auto api = api_with(trusting(authority, server, "localhost"));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(text_of(result.value).find("hostname mismatch") != std::string::npos);
  CHECK_FALSE(result.report.sent);
  CHECK(server.requests().empty());
}

TEST_CASE("a certificate for another address is refused") {
  test_authority authority;
  scripted_server server{always(empty_page), authority.issue("DNS:localhost")};
  auto api = api_with(trusting(authority, server, "127.0.0.1"));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(text_of(result.value).find("mismatch") != std::string::npos);
}

TEST_CASE("an expired certificate is refused") {
  test_authority authority;
  scripted_server server{always(empty_page),
                         authority.issue("DNS:localhost", -60)};
  auto api = api_with(trusting(authority, server, "localhost"));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(text_of(result.value).find("expired") != std::string::npos);
  CHECK(server.requests().empty());
}

TEST_CASE("an authority that nobody trusts is refused") {
  test_authority authority;
  test_authority other;
  scripted_server server{always(empty_page), authority.issue("DNS:localhost")};
  for (auto file : {std::string{}, other.certificate_file()}) {
    auto options = trusting(authority, server, "localhost");
    options.ca_file = file;
    auto api = api_with(options);
    auto result = await(list(*api));
    CHECK(failure_of(result.value) == ec::unavailable);
    CHECK(text_of(result.value).find("certificate") != std::string::npos);
  }
  CHECK(server.requests().empty());
}

TEST_CASE("a server without TLS behind an https URL is unavailable") {
  scripted_server server{[](peer& client) {
    client.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    client.await_close();
  }};
  auto options = options_for(server.address());
  options.api_url = "https://" + server.address();
  auto api = api_with(options);
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK_FALSE(result.report.sent);
}

TEST_CASE("a TLS connection cut inside an unmeasured body is noticed") {
  test_authority authority;
  scripted_server server{[](peer& client) {
                           client.read_request();
                           client.write("HTTP/1.1 200 OK\r\n\r\n[]");
                         },
                         authority.issue("DNS:localhost")};
  auto api = api_with(trusting(authority, server, "localhost"));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(text_of(result.value).find("cut short") != std::string::npos);
}

TEST_CASE("a kept TLS connection that dies unanswered is replaced") {
  test_authority authority;
  scripted_server server{[](peer& client) {
                           client.read_request();
                           client.write(empty_page);
                           client.read_request();
                           if (client.number() > 1)
                             client.write(empty_page);
                         },
                         authority.issue("DNS:localhost")};
  auto api = api_with(trusting(authority, server, "localhost"));
  REQUIRE(await(list(*api)).value);
  auto result = await(list(*api));
  CHECK(result.value);
  CHECK(result.report.sent_count == 2);
}
