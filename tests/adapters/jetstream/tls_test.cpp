#include "tests/adapters/jetstream/jetstream_fixture.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

void run(std::vector<std::string> argv, const std::string& output) {
  auto program
    = ::test::process::spawn({.argv = std::move(argv), .output = output});
  if (program.wait(30s) != 0)
    throw std::runtime_error(program.output());
}

/// A server that speaks TLS alone, with a certificate for "localhost" that
/// nobody but itself signed.
struct tls_fixture : jetstream_fixture {
  tls_fixture() {
    if (!::test::is_installed("openssl"))
      SKIP("openssl is not installed");
    for (const auto* name : {"server", "other"})
      run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
           "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
           "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out",
           server->file(std::string{name} + ".crt"), "-keyout",
           server->file(std::string{name} + ".key")},
          server->file("openssl.log"));
    server->kill_hard();
    server->configure({.configuration = "tls { cert_file: \""
                                        + server->file("server.crt")
                                        + "\", key_file: \""
                                        + server->file("server.key") + "\" }"});
    server->start();
  }

  jetstream::options trusting(const std::string& name) {
    return {.urls = {"tls://localhost:" + std::to_string(server->port())},
            .tls_ca = server->file(name + ".crt")};
  }
};

} // namespace

TEST_CASE_METHOD(tls_fixture, "TLS with a known authority is spoken",
                 "[jetstream]") {
  auto on = connect(trusting("server"));
  auto bus = bus_probe{on.messages};
  REQUIRE(bus.ensure(jobs));
  CHECK(bus.publish(message("jobs.a")));
}

TEST_CASE_METHOD(tls_fixture, "an unknown authority is refused",
                 "[jetstream]") {
  for (const auto& how : {trusting("other"),
                          jetstream::options{.urls = trusting("other").urls}}) {
    auto why = refused(how);
    CHECK(code_of(why) == ec::unavailable);
    INFO(detail_of(why));
    CHECK(detail_of(why).find("TLS") != std::string::npos);
  }
}

TEST_CASE_METHOD(tls_fixture, "a certificate for another host is refused",
                 "[jetstream]") {
  auto how = trusting("server");
  how.urls = {"tls://127.0.0.1:" + std::to_string(server->port())};
  CHECK(code_of(refused(how)) == ec::unavailable);
}

TEST_CASE_METHOD(tls_fixture, "a server that wants TLS says so",
                 "[jetstream]") {
  auto why = refused({.urls = {server->url()}});
  CHECK(code_of(why) == ec::unavailable);
  INFO(detail_of(why));
  CHECK(detail_of(why).find("TLS") != std::string::npos);
}

TEST_CASE_METHOD(tls_fixture,
                 "a server that hangs before TLS is not waited for",
                 "[jetstream]") {
  ::test::tcp_proxy wire{server->port()};
  wire.greet_only();
  auto how = trusting("server");
  auto url = wire.url("tls");
  how.urls = {"tls://localhost" + url.substr(url.rfind(':'))};
  auto why = refused(how);
  CHECK(code_of(why) == ec::unavailable);
  INFO(detail_of(why));
  CHECK(detail_of(why).find("does not finish the handshake")
        != std::string::npos);
  wire.mend();
  connect(how);
}
