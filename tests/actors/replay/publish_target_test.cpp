#include "actors/replay/publish_target.hpp"

#include "messages/error.hpp"
#include "tests/support/fake_bus.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <memory>

using namespace stravasync;

namespace {

stored_message job() {
  stored_message result;
  result.message = {"jobs.sync_athlete.7",
                    {{"Nats-Msg-Id", "run/1"}, {"Ss-Cause", "why"}},
                    "payload"};
  result.sequence = 12;
  return result;
}

} // namespace

TEST_CASE("a subject that services work from needs --force") {
  CHECK_FALSE(check_target_subject("replay.x", false));
  CHECK_FALSE(check_target_subject("replay.>", false));
  CHECK_FALSE(check_target_subject("jobsx.y", false));
  auto subject = GENERATE("jobs.sync_athlete.7", "ingest.x", "events.>",
                          "dlq.y", "jobs");
  CAPTURE(subject);
  auto why = check_target_subject(subject, false);
  CHECK(code_of(why) == ec::invalid_argument);
  CHECK(detail_of(why).find("--force") != std::string::npos);
  CHECK_FALSE(check_target_subject(subject, true));
}

TEST_CASE("what is no subject is refused") {
  auto subject = GENERATE("", ">", "a..b", ".a", "a.", "a.*", "a.>.b", "a b",
                          "a\n", ".>");
  CAPTURE(subject);
  CHECK(code_of(check_target_subject(subject, true)) == ec::invalid_argument);
}

TEST_CASE("a message is published anew with its headers and a new id") {
  auto bus = std::make_shared<test::fake_bus>();
  publish_target to{bus, "JOBS", "events.test", "r1"};
  REQUIRE(to.take(job()));
  auto stored = bus->stored("events.>");
  REQUIRE(stored.size() == 1);
  CHECK(stored[0].subject == "events.test");
  CHECK(stored[0].payload == "payload");
  CHECK(stored[0].headers
        == header_map{{"Nats-Msg-Id", "replay/r1/JOBS:12"},
                      {"Ss-Cause", "why"},
                      {"Ss-Origin", "jobs.sync_athlete.7@JOBS:12"},
                      {"Ss-Original-Id", "run/1"}});
}

TEST_CASE("the subject that a message had can be kept behind another") {
  publish_target to{nullptr, "JOBS", "replay.>", "r1"};
  CHECK(to.anew(job()).subject == "replay.jobs.sync_athlete.7");
}

TEST_CASE("a dead letter keeps what it says of its origin") {
  publish_target to{nullptr, "DLQ", "replay.x", "r1"};
  auto letter = job();
  letter.message.headers["Ss-Origin"] = "jobs.x.1@JOBS:1";
  letter.message.headers["Ss-Original-Id"] = "run/0";
  auto anew = to.anew(letter);
  CHECK(anew.headers.at("Ss-Origin") == "jobs.x.1@JOBS:1");
  CHECK(anew.headers.at("Ss-Original-Id") == "run/0");
}

TEST_CASE("a bus that does not take a message ends the replay") {
  auto bus = std::make_shared<test::fake_bus>();
  publish_target to{bus, "JOBS", "replay.x", "r1"};
  bus->fail("publish", make_failure(ec::not_found, "no stream takes replay.x"));
  auto taken = to.take(job());
  REQUIRE_FALSE(taken);
  CHECK(detail_of(taken.error()) == "no stream takes replay.x");
}
