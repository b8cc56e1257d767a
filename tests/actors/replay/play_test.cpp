#include "actors/replay/play.hpp"

#include "actors/replay/print_target.hpp"
#include "messages/error.hpp"
#include "messages/jobs.pb.h"
#include "tests/actors/replay/recorded_stream.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace stravasync;

namespace {

constexpr auto t0 = unix_ms{1'795'255'200'000};

struct collected final : replay_target {
  std::vector<std::uint64_t> sequences;
  std::uint64_t fails_at = 0;
  std::uint64_t ends_at = 0;

  caf::expected<bool> take(const stored_message& what) override {
    if (what.sequence == ends_at)
      return make_failure(ec::unavailable, "the disk is full");
    sequences.push_back(what.sequence);
    return what.sequence != fails_at;
  }

  std::string finish() override {
    return "that was it\n";
  }
};

struct play_fixture {
  std::shared_ptr<test::recorded_streams> streams
    = std::make_shared<test::recorded_streams>();
  collected to;
  play_options how{.speed = 0, .wait_until = [](auto) { return true; }};

  play_fixture() {
    for (auto i = 0; i < 120; ++i)
      streams->add("JOBS", "jobs.sync_athlete." + std::to_string(7 + i % 2),
                   t0 + i * 1'000);
    streams->find("DLQ");
  }

  caf::expected<replay_summary> run(const selection& what) {
    auto from = recording::open(streams, what);
    if (!from)
      return from.error();
    return play(*from, to, how);
  }
};

using sequences = std::vector<std::uint64_t>;

} // namespace

TEST_CASE_METHOD(play_fixture, "a recording says how far back it reaches if "
                               "more was asked for") {
  auto reach = [&](const replay_bound& from) {
    auto opened = recording::open(streams,
                                  {.stream = "JOBS", .range = {from, {}}});
    REQUIRE(opened);
    auto said = opened->reach();
    REQUIRE(said);
    return *said;
  };
  using kind = replay_bound::kind;
  CHECK(reach({}).empty());
  CHECK(reach({kind::time, 0, t0 - 1}).empty());
  auto& all = streams->find("JOBS");
  all.erase(all.begin(), all.begin() + 20);
  CHECK_THAT(reach({}), Catch::Matchers::StartsWith(
                          "JOBS reaches back to sequence 21 of 2"));
  CHECK_FALSE(reach({kind::sequence, 20, 0}).empty());
  CHECK(reach({kind::sequence, 21, 0}).empty());
  CHECK_FALSE(reach({kind::time, 0, t0}).empty());
  CHECK(reach({kind::time, 0, t0 + 20'000}).empty());
}

TEST_CASE_METHOD(play_fixture, "everything is replayed in order") {
  auto done = run({.stream = "JOBS"});
  REQUIRE(done);
  CHECK(done->messages == 120);
  CHECK(to.sequences.size() == 120);
  CHECK(to.sequences.front() == 1);
  CHECK(to.sequences.back() == 120);
  CHECK(done->remarks == "that was it\n");
  done->took = milliseconds{1'234};
  CHECK(to_text(*done)
        == "120 messages recorded over 1m 59s, replayed in 1.23 s, none "
           "failed");
}

TEST_CASE_METHOD(play_fixture, "range, subject and athlete choose") {
  using kind = replay_bound::kind;
  selection some{.stream = "JOBS"};
  some.range = {{kind::sequence, 118, 0}, {}};
  REQUIRE(run(some));
  CHECK(to.sequences == sequences{118, 119, 120});
  to.sequences.clear();
  some.range = {{kind::time, 0, t0 + 4'000}, {kind::time, 0, t0 + 6'000}};
  REQUIRE(run(some));
  CHECK(to.sequences == sequences{5, 6, 7});
  to.sequences.clear();
  some.athlete_id = 8;
  REQUIRE(run(some));
  CHECK(to.sequences == sequences{6});
  to.sequences.clear();
  some.athlete_id = 0;
  some.subject = "jobs.*.7";
  REQUIRE(run(some));
  CHECK(to.sequences == sequences{5, 7});
}

TEST_CASE_METHOD(play_fixture, "an empty range is named") {
  selection nothing{.stream = "JOBS", .subject = "jobs.>"};
  nothing.range.from = {replay_bound::kind::sequence, 121, 0};
  nothing.athlete_id = 9;
  auto done = run(nothing);
  REQUIRE_FALSE(done);
  CHECK(code_of(done.error()) == ec::not_found);
  CHECK(detail_of(done.error())
        == "nothing recorded in JOBS from sequence 121 to its end, subject "
           "jobs.>, athlete 9");
  CHECK(detail_of(run({.stream = "DLQ"}).error())
        == "nothing recorded in DLQ from its beginning to its end");
}

TEST_CASE_METHOD(play_fixture, "a stream that is gone is named with the rest") {
  auto done = run({.stream = "JOB"});
  REQUIRE_FALSE(done);
  CHECK(code_of(done.error()) == ec::not_found);
  CHECK(detail_of(done.error())
        == "there is no stream JOB; there are: JOBS, DLQ");
}

TEST_CASE_METHOD(play_fixture,
                 "a subject that the stream cannot have is named with those "
                 "that it has",
                 "[replay]") {
  auto done = run({.stream = "JOBS", .subject = "events.>"});
  REQUIRE(!done);
  CHECK(code_of(done.error()) == ec::invalid_argument);
  CHECK(detail_of(done.error())
        == "--subject: no message of stream JOBS can have the subject "
           "'events.>'; its subjects are jobs.>");
}

TEST_CASE_METHOD(play_fixture, "what came after the start is left alone") {
  auto from = recording::open(streams, {.stream = "JOBS"});
  REQUIRE(from);
  streams->add("JOBS", "jobs.sync_athlete.7", t0 + 200'000);
  auto done = play(*from, to, how);
  REQUIRE(done);
  CHECK(done->messages == 120);
}

TEST_CASE_METHOD(play_fixture, "a failure is counted, an error ends") {
  to.fails_at = 2;
  auto done = run({.stream = "JOBS"});
  REQUIRE(done);
  CHECK(done->failures == 1);
  CHECK(to_text(*done).ends_with("1 failed"));
  to.ends_at = 3;
  auto ended = run({.stream = "JOBS"});
  REQUIRE_FALSE(ended);
  CHECK(detail_of(ended.error()) == "message 3: the disk is full");
}

TEST_CASE_METHOD(play_fixture, "it ends when told to") {
  auto told = 0;
  how.wait_until = [&](auto) { return told++ < 5; };
  auto done = run({.stream = "JOBS"});
  REQUIRE(done);
  CHECK(done->interrupted);
  CHECK(done->messages == 5);
  CHECK(to_text(*done).starts_with("interrupted after 5 messages"));
  how.wait_until = [](auto) { return true; };
  how.confirm = [](const auto& next) { return next.sequence < 3; };
  done = run({.stream = "JOBS"});
  REQUIRE(done);
  CHECK(done->interrupted);
  CHECK(done->messages == 2);
}

TEST_CASE("a dead letter belongs to the athlete of its message") {
  envelope letter{"dlq.consumer__stravasync_jobs_v1_SyncAthlete", {}, ""};
  CHECK(athlete_of(letter) == 0);
  letter.headers["Ss-Origin"] = "jobs.sync_athlete.70000001@JOBS:12";
  CHECK(athlete_of(letter) == 70'000'001);
  CHECK(athlete_of({"ingest.activities.7.run-1", {}, ""}) == 7);
  CHECK(athlete_of({"ingest.activities.7x.run-1", {}, ""}) == 0);
  CHECK(athlete_of({"jobs", {}, ""}) == 0);
}

TEST_CASE("a message is printed as one line of JSON, or laid out") {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(7);
  job.set_run_id("r");
  stored_message what{make_envelope(job, {.message_id = "r/1"}), 12, t0};
  std::string text;
  auto out = [&](std::string_view more) {
    text += more;
    return true;
  };
  REQUIRE(print_target("JOBS", false, out).take(what));
  CHECK(text.starts_with(R"({"stream":"JOBS","sequence":12,"stored_at":)"
                         R"("2026-11-21T10:00:00.000Z")"));
  CHECK(text.find(R"("Nats-Msg-Id":"r/1")") != std::string::npos);
  CHECK(std::ranges::count(text, '\n') == 1);
  text.clear();
  what.message.headers["Ss-Type"] = "stravasync.jobs.v9.Strange";
  REQUIRE(print_target("JOBS", true, out).take(what));
  CHECK(text.starts_with("{\n  \"stream\": \"JOBS\",\n  \"sequence\": 12,\n"));
  CHECK(text.find("  \"payload_hex\": \"0807") != std::string::npos);
  auto full = print_target("JOBS", false, [](auto) { return false; });
  CHECK(detail_of(full.take(what).error())
        == "standard output cannot be written");
}

TEST_CASE("a terminal obeys nothing in a message that is printed") {
  jobs::v1::SyncAthlete job;
  job.set_run_id("\x1B[2J\xC2\x9B"
                 "2J\x7F");
  stored_message what{make_envelope(job, {}), 12, t0};
  what.message.headers["Ss-Note"] = "\xC2\x9B\x7F";
  for (auto pretty : {false, true}) {
    std::string text;
    auto out = [&](std::string_view more) {
      text += more;
      return true;
    };
    REQUIRE(print_target("JOBS", pretty, out).take(what));
    CHECK(text.find(R"("\u001b[2J\u009b2J\u007f")") != std::string::npos);
    CHECK(text.find(R"("\u009b\u007f")") != std::string::npos);
    CHECK(text.find('\x7F') == std::string::npos);
    CHECK(text.find("\xC2\x9B") == std::string::npos);
  }
}

TEST_CASE("JSON is laid out without changing it") {
  CHECK(indented(R"({"a":[1,{"b":"x,{\"}:"}],"c":{},"d":[]})")
        == "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,{\\\"}:\"\n    }\n"
           "  ],\n  \"c\": {},\n  \"d\": []\n}");
}
