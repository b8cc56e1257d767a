#include "actors/dead_letter.hpp"

#include "messages/jobs.pb.h"
#include "messages/redriven.hpp"

#include <catch2/catch_test_macros.hpp>

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
