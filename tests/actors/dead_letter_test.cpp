#include "actors/dead_letter.hpp"

#include "messages/error.hpp"
#include "messages/jobs.pb.h"
#include "messages/redriven.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

using namespace stravasync;

namespace {

constexpr auto durable = "consumer__stravasync_jobs_v1_SyncAthlete";

envelope sample() {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(7);
  auto result = make_envelope(job, {.message_id = "run/1",
                                    .cause = "outbox/3",
                                    .traceparent = "00-ab-cd-01",
                                    .principal = "operator"});
  result.headers["X-Own"] = "kept";
  return result;
}

stored_message sample_letter(std::uint64_t id = 5) {
  return {make_dead_letter(sample(), {.durable = durable,
                                      .stream = "JOBS",
                                      .sequence = 9,
                                      .stored_at_ms = 1'000,
                                      .reason = "502 again",
                                      .attempts = 3}),
          id, 61'000};
}

} // namespace

TEST_CASE("a dead letter says all there is to know of the message") {
  auto said = describe_dead_letter(sample_letter(), true);
  CHECK(said.id() == 5);
  CHECK(said.durable() == durable);
  CHECK(said.subject() == "jobs.sync_athlete.7");
  CHECK(said.stream() == "JOBS");
  CHECK(said.sequence() == 9);
  CHECK(said.type() == "stravasync.jobs.v1.SyncAthlete");
  CHECK(said.reason() == "502 again");
  CHECK(said.attempts() == 3);
  CHECK(said.dead_since_ms() == 61'000);
  CHECK(said.original_stored_at_ms() == 1'000);
  CHECK(said.original_id() == "run/1");
  CHECK(said.cause() == "outbox/3");
  CHECK(said.principal() == "operator");
  CHECK(said.athlete_id() == 7);
  CHECK(said.payload_json().starts_with(R"({"athlete_id":7,)"));
  CHECK(said.headers().at("X-Own") == "kept");
}

TEST_CASE("a revived message is what it was, with a new id and its durable") {
  auto again = revive(sample_letter());
  REQUIRE(again);
  CHECK(again->subject == sample().subject);
  CHECK(again->payload == sample().payload);
  auto expected = sample().headers;
  expected[std::string{header::message_id}]
    = "redrive:5:jobs.sync_athlete.7@JOBS:9";
  expected[std::string{header::redriven_from}] = "5";
  expected[std::string{header::durable}] = durable;
  expected[std::string{header::original_id}] = "run/1";
  expected[std::string{header::original_stored}] = "1000";
  CHECK(again->headers == expected);
}

TEST_CASE("a message with many bytes of headers makes a letter that fits") {
  auto message = sample();
  for (auto i = 0; i < 20; ++i)
    message.headers["X-" + std::to_string(i)] = std::string(3'500, 'x');
  auto letter = make_dead_letter(
    message,
    {.durable = durable, .stream = "JOBS", .sequence = 9, .reason = "no"});
  auto bytes = std::size_t{0};
  for (const auto& [name, value] : letter.headers)
    bytes += name.size() + value.size();
  CHECK(bytes < 20 * 1'024); // NATS takes 64 KiB of headers.
  CHECK(letter.header_or_empty(header::reason) == "no");
  CHECK(letter.header_or_empty(header::origin).ends_with("@JOBS:9"));
}

TEST_CASE("a message that dies twice is still known by its first id") {
  auto again = revive(sample_letter());
  REQUIRE(again);
  stored_message second{make_dead_letter(*again, {.durable = durable,
                                                  .stream = "JOBS",
                                                  .sequence = 12,
                                                  .stored_at_ms = 70'000,
                                                  .reason = "still"}),
                        6, 80'000};
  auto said = describe_dead_letter(second, false);
  CHECK(said.original_id() == "run/1");
  CHECK(said.original_stored_at_ms() == 1'000);
  CHECK(said.sequence() == 12);
  CHECK(said.reason() == "still");
}

TEST_CASE("a letter that does not say where it came from stays") {
  auto letter = sample_letter();
  letter.message.headers.erase(std::string{header::origin});
  auto again = revive(letter);
  REQUIRE_FALSE(again);
  CHECK(code_of(again.error()) == ec::malformed);
  CHECK(describe_dead_letter(letter, false).subject().empty());
}

TEST_CASE("a letter is sent again only to where messages of ours are") {
  auto letter = sample_letter();
  auto [origin, fits] = GENERATE(table<std::string, bool>({
    {"jobs.sync_athlete.7@JOBS:9", true},
    {"ingest.activities.7.r@INGEST:9", true},
    {"events.sync_held_up.7@EVENTS:9", true},
    {"ingest.activities.7.r", true}, // A part of a page.
    {"$KV.BUDGET.strava@JOBS:1", false},
    {"$KV.BUDGET.strava@KV_BUDGET:1", false},
    {"$JS.API.STREAM.DELETE.JOBS@JOBS:1", false},
    {"ask.disconnect_athlete", false},
    {"dlq.consumer__x@DLQ:1", false},
    {"jobs.sync_athlete.7@INGEST:9", false},
    {"jobs.>@JOBS:1", false},
    {"jobs.a b@JOBS:1", false},
  }));
  CAPTURE(origin);
  letter.message.headers[std::string{header::origin}] = origin;
  auto again = revive(letter);
  CHECK(again.engaged() == fits);
  if (!fits) {
    CHECK(code_of(again.error()) == ec::malformed);
    CHECK(detail_of(again.error()).find("are sent again") != std::string::npos);
  }
}

TEST_CASE("a letter that was not kept whole is not sent again") {
  auto letter = sample_letter();
  letter.message.payload = std::string(100'000, 'x');
  letter.message = cut_short(std::move(letter.message));
  CHECK(letter.message.payload.size() == 65'536);
  auto again = revive(letter);
  REQUIRE_FALSE(again);
  CHECK(detail_of(again.error())
        == "only the beginning of its 100000 bytes was kept");
}

TEST_CASE("of bytes that cannot be read the first are shown") {
  auto letter = sample_letter();
  letter.message.payload = std::string(100'000, '\xff');
  auto said = describe_dead_letter(letter, true);
  CHECK(said.bytes() == 100'000);
  CHECK(said.payload_hex() == std::string(2 * 65'536, 'f'));
}

TEST_CASE("a letter keeps bounded headers and a log of attempts") {
  auto message = sample();
  message.headers["long"] = std::string(10'000, 'x');
  for (auto i = 0; i < 100; ++i)
    message.headers["x" + std::to_string(i)] = "y";
  auto letter = stored_message{
    make_dead_letter(message, {.durable = durable,
                               .stream = "JOBS",
                               .reason = std::string(10'000, 'r'),
                               .attempts = 12,
                               .log = {{1'000, "node-1", "502 again"},
                                       {1'500, "node-1", "502 again"},
                                       {2'000, "", "a b\nc"}}}),
    5, 61'000};
  CHECK(letter.message.header_or_empty("long").size() == 4'096);
  CHECK(letter.message.headers.size() <= 72);
  auto said = describe_dead_letter(letter, true);
  CHECK(said.reason().size() == 4'096);
  CHECK(letter.message.header_or_empty(header::attempt_log)
        == "1000 node-1 502 again\n1500 = =\n2000 - a b c");
  REQUIRE(said.attempt_log_size() == 3);
  CHECK(said.attempt_log(0).at_ms() == 1'000);
  CHECK(said.attempt_log(0).node() == "node-1");
  CHECK(said.attempt_log(0).reason() == "502 again");
  CHECK(said.attempt_log(1).at_ms() == 1'500);
  CHECK(said.attempt_log(1).node() == "node-1");
  CHECK(said.attempt_log(1).reason() == "502 again");
  CHECK(said.attempt_log(2).node() == "-");
  CHECK(said.attempt_log(2).reason() == "a b c");
  CHECK(describe_dead_letter(letter, false).attempt_log_size() == 0);
  letter.message.headers[std::string{header::attempt_log}] = "x\n1\n\n2 n";
  CHECK(describe_dead_letter(letter, true).attempt_log_size() == 0);
}

TEST_CASE("what is not a number or no text in a letter does no harm") {
  auto letter = sample_letter();
  auto set = [&](std::string_view name, const char* value) {
    letter.message.headers[std::string{name}] = value;
  };
  set(header::attempts, "many");
  set(header::reason, "\xff");
  set(header::origin, "ingest.activities.x.r@a@INGEST:b");
  auto said = describe_dead_letter(letter, true);
  CHECK(said.attempts() == 0);
  CHECK(said.reason() == "\xEF\xBF\xBD");
  CHECK(said.subject() == "ingest.activities.x.r@a");
  CHECK(said.stream() == "INGEST");
  CHECK(said.sequence() == 0);
  CHECK(said.athlete_id() == 0);
}

TEST_CASE("a filter lets through what meets all its conditions") {
  auto letter = describe_dead_letter(sample_letter(), false);
  query::v1::DeadLetterFilter filter;
  constexpr auto now = unix_ms{71'000}; // It has been dead for 10 s.
  CHECK(matches(filter, letter, now));
  filter.set_reason_contains("502 AGAIN");
  filter.set_athlete_id(7);
  filter.set_durable(durable);
  filter.set_older_than_ms(10'000);
  filter.set_newer_than_ms(10'000);
  CHECK(matches(filter, letter, now));
  SECTION("too young") {
    filter.set_older_than_ms(10'001);
  }
  SECTION("too old") {
    filter.set_newer_than_ms(9'999);
  }
  SECTION("of another athlete") {
    filter.set_athlete_id(8);
  }
  SECTION("for another reason") {
    filter.set_reason_contains("404");
  }
  SECTION("of another durable") {
    filter.set_durable("api__x");
  }
  CHECK_FALSE(matches(filter, letter, now));
}

TEST_CASE("an answer that is kept with a letter is told apart from its headers "
          "and stays behind") {
  auto letter = sample_letter();
  letter.message.headers["Ss-Unread"] = "5b6eff";
  letter.message.headers["Ss-Unread-At"] = "7/4000";
  auto said = describe_dead_letter(letter, true);
  CHECK(said.unread() == "[n\xff");
  CHECK(said.unread_at() == 7);
  CHECK(said.unread_bytes() == 4'000);
  CHECK(said.headers().count("Ss-Unread") == 0);
  CHECK(said.headers().count("Ss-Unread-At") == 0);
  auto again = revive(letter);
  REQUIRE(again);
  CHECK(again->header_or_empty("Ss-Unread").empty());
  CHECK(again->header_or_empty("Ss-Unread-At").empty());
}
