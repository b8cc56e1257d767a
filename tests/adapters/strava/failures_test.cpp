#include "tests/adapters/strava/calls.hpp"
#include "tests/adapters/strava/scripted_server.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace stravasync;
using namespace stravasync::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// An address of this machine that refuses connections.
std::string refused_address() {
  scripted_server gone{[](peer&) {}};
  return gone.address();
}

page_result first_answer(scripted_server::script script,
                         milliseconds timeout = milliseconds{10'000}) {
  scripted_server server{std::move(script)};
  auto options = options_for(server.address());
  options.request_timeout = timeout;
  options.response_bytes_max = 4'096;
  auto api = api_with(options);
  return await(list(*api));
}

} // namespace

TEST_CASE("a refused connection is unavailable and costs no permit") {
  auto api = api_with(options_for(refused_address()));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK_FALSE(result.report.sent);
  CHECK(result.report.sent_count == 0);
  CHECK(result.report.status == 0);
}

TEST_CASE("a name that does not resolve is unavailable") {
  auto api = api_with(options_for("no-such-host.invalid:80"));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(text_of(result.value).starts_with("no-such-host.invalid:80: "));
  CHECK_FALSE(result.report.sent);
}

TEST_CASE("a new connection closed or reset without an answer is not retried") {
  auto by_reset = GENERATE(false, true);
  scripted_server server{[by_reset](peer& client) {
    client.read_request();
    if (by_reset)
      client.reset();
  }};
  auto api = api_with(options_for(server.address()));
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(result.report.sent);
  CHECK(result.report.sent_count == 1);
  CHECK(result.report.status == 0);
  CHECK(server.connections() == 1);
}

TEST_CASE("an answer that is cut short is upstream's failure") {
  auto answer = GENERATE(
    "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le",
    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"id\":1",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[{",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n");
  CAPTURE(answer);
  auto by_reset = GENERATE(false, true);
  auto result = first_answer([&](peer& client) {
    client.read_request();
    client.write(answer);
    if (by_reset)
      client.reset();
  });
  // A reset may overtake the bytes before it: then there was no answer at all.
  if (!by_reset || failure_of(result.value) != ec::unavailable)
    CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(result.report.sent);
}

TEST_CASE("a cut answer still tells status and rate usage") {
  auto result = first_answer([](peer& client) {
    client.read_request();
    client.write("HTTP/1.1 200 OK\r\nX-Ratelimit-Usage: 5,6\r\n"
                 "Content-Length: 100\r\n\r\n[");
  });
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(result.report.status == 200);
  CHECK(result.report.usage.overall_used.day == 6U);
}

TEST_CASE("an error whose body is cut counts by its status") {
  auto result = first_answer([](peer& client) {
    client.read_request();
    client.write("HTTP/1.1 429 Slow\r\nContent-Length: 100\r\n\r\n{\"mess");
  });
  CHECK(failure_of(result.value) == ec::rate_limited);
  CHECK(result.report.status == 429);
}

TEST_CASE("a wrong Content-Length is noticed either way") {
  auto with_length = [](const std::string& length) {
    return first_answer([length](peer& client) {
      client.read_request();
      client.write("HTTP/1.1 200 OK\r\nContent-Length: " + length
                   + "\r\n\r\n[]");
    });
  };
  CHECK(failure_of(with_length("50").value) == ec::upstream_failed);
  auto too_short = with_length("1");
  REQUIRE(too_short.value);
  CHECK(too_short.value->unreadable);
}

TEST_CASE("what is not HTTP is upstream's failure") {
  auto bytes = GENERATE("SSH-2.0-OpenSSH\r\n\r\n", "\x16\x03\x01\x02garbage\n",
                        "HTTP/1.1 abc OK\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n");
  auto result = first_answer([bytes](peer& client) {
    client.read_request();
    client.write(bytes);
    client.await_close();
  });
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(result.report.sent);
}

TEST_CASE("an answer beyond the limit is refused, announced or not") {
  auto announced = GENERATE(true, false);
  auto result = first_answer([announced](peer& client) {
    client.read_request();
    if (announced)
      client.write("HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n");
    else
      client.write("HTTP/1.1 200 OK\r\n\r\n" + std::string(5'000, ' '));
    client.await_close();
  });
  // The service works; it is this list that is too much.
  REQUIRE(result.value);
  REQUIRE(result.value->unreadable);
  CHECK(result.value->unreadable->reason.find("4096 bytes")
        != std::string::npos);
  CHECK(result.report.status == 200);
}

TEST_CASE("what carries an answer has limits, too") {
  // As much as a server sends until it is cut off.
  auto flood
    = GENERATE(as<std::string>{},
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ");
  auto sent = std::size_t{0};
  auto result = first_answer([&](peer& client) {
    client.read_request();
    client.write(flood);
    while (sent < 100'000'000 && client.write(std::string(65'536, 'x')))
      sent += 65'536;
  });
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CAPTURE(text_of(result.value));
  CHECK(text_of(result.value).find("beside its body") != std::string::npos);
  CHECK(sent < 50'000'000);
}

TEST_CASE("an answer that comes in chunks of a byte has an end") {
  auto chunk = "1;x=" + std::string(2'000, 'x') + "\r\n \r\n";
  auto sent = std::size_t{0};
  auto result = first_answer([&](peer& client) {
    client.read_request();
    client.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (sent < 100'000'000 && client.write(chunk))
      sent += chunk.size();
  });
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(text_of(result.value).find("beside its body") != std::string::npos);
  CHECK(sent < 50'000'000);
}

TEST_CASE("interim answers without end are cut off") {
  auto interim = "HTTP/1.1 103 Early Hints\r\nX: " + std::string(2'000, 'x')
                 + "\r\n\r\n";
  auto sent = std::size_t{0};
  auto result = first_answer([&](peer& client) {
    client.read_request();
    while (sent < 100'000'000 && client.write(interim))
      sent += interim.size();
  });
  CHECK(failure_of(result.value) == ec::upstream_failed);
  CHECK(text_of(result.value).find("16 interim") != std::string::npos);
  CHECK(sent < 50'000'000);
}

TEST_CASE("a header without end is refused") {
  auto result = first_answer([](peer& client) {
    client.read_request();
    client.write("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'));
    client.await_close();
  });
  CHECK(failure_of(result.value) == ec::upstream_failed);
}

TEST_CASE("a server that hangs is given up at the time-out") {
  auto begun = GENERATE("", "HTTP/1.1 200 OK\r\nX-Ratelimit-Usage: 1,2\r\n"
                            "Content-Length: 10\r\n\r\n[");
  auto start = steady_clock::now();
  auto result = first_answer(
    [begun](peer& client) {
      client.read_request();
      client.write(begun);
      client.await_close(); // The client must close, or this hangs.
    },
    milliseconds{150});
  CHECK(failure_of(result.value) == ec::timed_out);
  CHECK(result.report.sent);
  CHECK(result.report.sent_count == 1);
  CHECK((result.report.status == 200) == !std::string_view{begun}.empty());
  CHECK(steady_clock::now() - start >= milliseconds{150});
}

TEST_CASE("a server that sends byte by byte cannot outlast the time-out") {
  auto result = first_answer(
    [](peer& client) {
      client.read_request();
      client.write("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n");
      for (auto i = 0; i < 4'000 && client.write(" "); ++i)
        std::this_thread::sleep_for(milliseconds{1});
    },
    milliseconds{200});
  CHECK(failure_of(result.value) == ec::timed_out);
}

TEST_CASE("a handshake that hangs ends with the connect time-out") {
  scripted_server server{[](peer& client) { client.await_close(); }};
  auto options = options_for(server.address());
  options.api_url = "https://" + server.address();
  options.connect_timeout = milliseconds{100};
  auto api = api_with(options);
  auto result = await(list(*api));
  CHECK(failure_of(result.value) == ec::unavailable);
  CHECK(text_of(result.value).find("100 ms") != std::string::npos);
  CHECK_FALSE(result.report.sent);
}
