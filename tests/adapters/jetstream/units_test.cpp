#include "adapters/jetstream/faults.hpp"
#include "adapters/jetstream/header_values.hpp"
#include "adapters/jetstream/login.hpp"
#include "adapters/jetstream/pull_ledger.hpp"
#include "adapters/jetstream/subjects.hpp"
#include "messages/error.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;
using namespace stravasync::jetstream;
using namespace std::chrono_literals;

TEST_CASE("a header value comes back as it was", "[jetstream]") {
  auto all = std::string{};
  for (auto i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  for (const auto& value :
       {all, std::string{}, std::string{" x"}, std::string{"x "},
        std::string{"%!x"}, std::string{"100%"}, std::string{"a\r\nb"},
        std::string{"Zürich: 1"}, std::string(1, '\0')}) {
    CAPTURE(value);
    auto sent = encoded_value(value);
    CHECK_FALSE(sent.empty());
    CHECK(sent.find_first_of(std::string{"\r\n\0", 3}) == std::string::npos);
    CHECK(decoded_value(sent) == value);
  }
}

TEST_CASE("a plain header value is sent as it is", "[jetstream]") {
  for (const auto* value : {"id-1", "00-ab-01", "a b", "100%", "Zürich"})
    CHECK(encoded_value(value) == value);
  // Of another sender, that does not know our form.
  for (const auto* value : {"%!%4", "%!%zz", "%!%"})
    CHECK(decoded_value(value) == value);
}

TEST_CASE("a stored block of headers is read", "[jetstream]") {
  auto found = parse_header_block("NATS/1.0\r\nA: 1\r\nB:%!%0A\r\n\r\n");
  CHECK(found == header_map{{"A", "1"}, {"B", "\n"}});
  CHECK(parse_header_block("").empty());
  CHECK(parse_header_block("NATS/1.0\r\nA").empty());
}

TEST_CASE("both forms of an ack subject are read", "[jetstream]") {
  for (const auto* subject :
       {"$JS.ACK.JOBS.d.2.30.4.1700000000123456789.7",
        "$JS.ACK._.hash.JOBS.d.2.30.4.1700000000123456789.7.random",
        "$JS.ACK.hub.hash.JOBS.d.2.30.4.1700000000123456789.7"}) {
    CAPTURE(subject);
    auto got = parse_ack_subject(subject);
    REQUIRE(got);
    CHECK(got->stream == "JOBS");
    CHECK(got->consumer == "d");
    CHECK(got->delivered == 2);
    CHECK(got->sequence == 30);
    CHECK(got->stored_at_ms == 1'700'000'000'123);
    CHECK(got->pending == 7);
  }
}

TEST_CASE("what is no ack subject is none", "[jetstream]") {
  for (const auto* subject :
       {"", "none", "$JS.ACK", "$JS.ACK.JOBS.d.2.30.4.17.",
        "$JS.ACK.JOBS.d.x.30.4.17.7", "$JS.ACK.JOBS.d.2.30.4.17.7.8",
        "_INBOX.JOBS.d.2.30.4.17.7.8"})
    CHECK_FALSE(parse_ack_subject(subject));
}

namespace {

using time_point = pull_ledger::time;

const auto start = time_point{} + 1h;

/// Asks for what the ledger wants. @returns how many.
std::size_t pull(pull_ledger& on, time_point now = start) {
  auto batch = on.wanted();
  if (batch > 0)
    on.begin(batch, now);
  return batch;
}

} // namespace

TEST_CASE("as much is asked for as there is credit", "[jetstream]") {
  auto ledger = pull_ledger{};
  CHECK(pull(ledger) == 0);
  ledger.add_credit(10);
  CHECK(pull(ledger) == 10);
  CHECK(pull(ledger) == 0);
  // Each one delivered is given back: asked for anew at half.
  for (auto i = 0; i < 5; ++i) {
    CHECK(pull(ledger) == 0);
    REQUIRE(ledger.take(start));
    ledger.add_credit(1);
  }
  CHECK(pull(ledger) == 5);
}

TEST_CASE("nothing is taken without credit", "[jetstream]") {
  auto ledger = pull_ledger{};
  CHECK_FALSE(ledger.take(start));
  ledger.add_credit(1);
  CHECK(pull(ledger) == 1);
  CHECK(ledger.take(start));
  CHECK_FALSE(ledger.take(start));
  CHECK(pull(ledger) == 0);
}

TEST_CASE("what an ended pull lacked is asked for anew", "[jetstream]") {
  auto ledger = pull_ledger{};
  ledger.add_credit(10);
  auto first = ledger.begin(10, start);
  for (auto i = 0; i < 3; ++i)
    REQUIRE(ledger.take(start));
  SECTION("when the server says how many") {
    ledger.ended(first, 7);
    CHECK(pull(ledger) == 7);
  }
  SECTION("when it does not") {
    ledger.ended(first, std::nullopt);
    CHECK(pull(ledger) == 7);
  }
}

TEST_CASE("messages of pulls may come in any order", "[jetstream]") {
  auto ledger = pull_ledger{};
  ledger.add_credit(6);
  auto first = ledger.begin(3, start);
  auto second = ledger.begin(3, start);
  // Counted for the first, but two came by the second.
  for (auto i = 0; i < 3; ++i)
    REQUIRE(ledger.take(start));
  ledger.ended(first, 2);
  CHECK(pull(ledger) == 2);
  ledger.ended(second, 1);
  CHECK(ledger.credit() == 3);
}

TEST_CASE("a pull whose end got lost ends by itself", "[jetstream]") {
  auto ledger = pull_ledger{{.expires = 30s, .heartbeat = 5s, .grace = 2s}};
  ledger.add_credit(4);
  CHECK(pull(ledger) == 4);
  ledger.expire(start + 31s);
  CHECK(pull(ledger) == 0);
  ledger.expire(start + 33s);
  CHECK(pull(ledger, start + 33s) == 4);
}

TEST_CASE("silence is noticed while something is asked for", "[jetstream]") {
  auto ledger = pull_ledger{{.expires = 30s, .heartbeat = 5s, .grace = 2s}};
  CHECK_FALSE(ledger.silent(start + 1h));
  ledger.add_credit(4);
  CHECK(pull(ledger) == 4);
  CHECK_FALSE(ledger.silent(start + 10s));
  CHECK(ledger.silent(start + 11s));
  ledger.heard(start + 11s);
  CHECK_FALSE(ledger.silent(start + 20s));
  ledger.forget();
  CHECK_FALSE(ledger.silent(start + 1h));
  CHECK(pull(ledger, start + 1h) == 4);
}

TEST_CASE("servers that servers tell of get the login of the known ones",
          "[jetstream]") {
  using urls = std::vector<std::string>;
  CHECK(with_discovered({"nats://a:4222"}, {"nats://a:4222", "nats://b:1"})
        == urls{"nats://a:4222", "nats://b:1"});
  CHECK(with_discovered({"nats://a:1", "nats://u:p%40@b:2"},
                        {"nats://b:2", "nats://[::1]:3", "nats://[::1]:3"})
        == urls{"nats://a:1", "nats://u:p%40@b:2", "nats://u:p%40@[::1]:3"});
  CHECK(with_discovered({"tls://a"}, {}) == urls{"tls://a"});
}

TEST_CASE("the port of a server is the usual one unless it is named",
          "[jetstream]") {
  using ports = std::set<std::uint16_t>;
  CHECK(ports_of({"nats://a", "tls://u:7@b"}) == ports{4222});
  CHECK(ports_of({"nats://a:1", "u:7@b:2", "nats://[::1]:3"})
        == ports{1, 2, 3});
  CHECK(ports_of({"nats://[::1]"}) == ports{4222});
}

TEST_CASE("what JetStream refuses is told apart by its number", "[jetstream]") {
  auto refusal = [](int number, int status) {
    auto answer = json_value::parse(R"({"stream":"EVENTS","error":{"code":)"
                                    + std::to_string(status) + R"(,"err_code":)"
                                    + std::to_string(number)
                                    + R"(,"description":"said so"}})");
    REQUIRE(answer);
    return failure_of(*answer);
  };
  // No room is nobody's mistake, though the status says the asker's.
  for (auto number : {10'002, 10'023, 10'047, 10'077}) {
    CAPTURE(number);
    auto why = refusal(number, 400);
    CHECK(code_of(why) == ec::full);
    CHECK(detail_of(why).starts_with("stream EVENTS is full: said so; free "));
  }
  CHECK(code_of(refusal(10'039, 503)) == ec::denied);
  CHECK(code_of(refusal(10'059, 404)) == ec::not_found);
  CHECK(code_of(refusal(10'071, 400)) == ec::conflict);
  CHECK(code_of(refusal(10'025, 400)) == ec::invalid_argument);
  CHECK(code_of(refusal(10'008, 503)) == ec::unavailable);
}
