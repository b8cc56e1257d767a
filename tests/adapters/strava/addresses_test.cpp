// A name with several addresses, of which one is of no use.

#include "adapters/strava/connection.hpp"
#include "adapters/strava/tls_context.hpp"
#include "tests/adapters/strava/test_identity.hpp"
#include "tests/support/silent_address.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>

using namespace stravasync::strava;
using namespace stravasync::test;
using std::chrono::milliseconds;
using tcp = boost::asio::ip::tcp;

namespace {

struct addresses_fixture {
  test_authority authority;
  scripted_server good{always(http_answer(200, "[]")),
                       authority.issue("DNS:localhost")};
  boost::asio::io_context io;
  /// Takes connections, and says nothing on them.
  tcp::acceptor silent{io, tcp::endpoint{::test::loopback, 0}};
  std::shared_ptr<boost::asio::ssl::context> tls
    = *make_tls_context(authority.certificate_file());

  static tcp::endpoint at(const scripted_server& server) {
    return {::test::loopback, server.port()};
  }

  /// @returns what came of a request, at most after 20 s.
  exchange ask(std::vector<tcp::endpoint> addresses, milliseconds timeout) {
    auto to = *parse_endpoint("https://localhost", "url");
    auto options = connection_options{.user_agent = "test",
                                      .connect_timeout = timeout,
                                      .response_bytes_max = 1'000,
                                      .via = {},
                                      .addresses = std::move(addresses)};
    std::optional<exchange> result;
    auto line = std::make_shared<connection>(io, to, tls.get(), options);
    line->run({.target = "/"}, [&](exchange got) {
      result = std::move(got);
      io.stop();
    });
    io.restart();
    io.run_for(std::chrono::seconds{20});
    line->abandon();
    io.restart();
    io.run_for(milliseconds{100});
    REQUIRE(result);
    return *result;
  }
};

} // namespace

TEST_CASE_METHOD(addresses_fixture, "an address that is silent in TLS holds "
                                    "the next one up for a part of the time") {
  auto got = ask({silent.local_endpoint(), silent.local_endpoint(), at(good)},
                 milliseconds{4'000});
  CHECK(got.problem == "");
  CHECK(got.reached == progress::answered);
}

TEST_CASE_METHOD(addresses_fixture, "an address that speaks no TLS, or shows "
                                    "a wrong certificate, is passed over") {
  scripted_server plain{[](peer& client) { client.write("220 mail\r\n"); }};
  scripted_server foreign{always(http_answer(200, "[]")),
                          authority.issue("DNS:elsewhere.example")};
  auto got = ask({at(plain), at(foreign), at(good)}, milliseconds{20'000});
  CHECK(got.problem == "");
  CHECK(got.reached == progress::answered);
  CHECK(foreign.requests().empty());
}

TEST_CASE_METHOD(addresses_fixture, "what is wrong with the addresses is told "
                                    "when none is of use") {
  scripted_server foreign{always(http_answer(200, "[]")),
                          authority.issue("DNS:elsewhere.example")};
  auto refused
    = tcp::acceptor{io, tcp::endpoint{::test::loopback, 0}}.local_endpoint();
  auto mismatch = "its certificate is refused: hostname mismatch";
  CHECK(ask({at(foreign), refused}, milliseconds{20'000}).problem == mismatch);
  CHECK(ask({at(foreign), silent.local_endpoint()}, milliseconds{1'000}).problem
        == mismatch);
  CHECK(ask({silent.local_endpoint()}, milliseconds{500}).problem
        == "no connection within 500 ms");
  auto all_silent = std::vector(3, silent.local_endpoint());
  CHECK(ask(all_silent, milliseconds{500}).problem
        == "no connection within 500 ms");
}
