#include "actors/nodes/watched_bus.hpp"

#include "actors/nodes/health_trials.hpp"
#include "messages/error.hpp"
#include "messages/jobs.pb.h"
#include "tests/support/fake_bus.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync;

namespace {

struct watched_fixture {
  unix_ms now = 1'000;
  bool connected = true;
  health_record record{[this] { return now; }, nullptr};
  std::shared_ptr<::test::fake_bus> inner
    = std::make_shared<::test::fake_bus>();
  std::shared_ptr<bus> uut = watch_bus(inner, record,
                                       [this] { return connected; });

  /// @returns the part's problem, "-" if nothing was tried of it.
  std::string problem_of(const std::string& part) {
    for (const auto& one : record.parts())
      if (one.part == part)
        return one.problem;
    return "-";
  }

  void publish() {
    jobs::v1::SyncAthlete job;
    job.set_athlete_id(7);
    uut->publish(make_envelope(job, {}), [](const auto&) {});
  }

  void put(const std::string& bucket, std::uint64_t expected = 0) {
    uut->put(bucket, "key", "value", expected, [](const auto&) {});
  }

  void check_streams(const needed_streams& needed) {
    try_streams(uut, needed, record, [this] {
      return now;
    }).run([](const auto&) {});
  }
};

stream_config stream(const std::string& name, const std::string& subjects) {
  stream_config result;
  result.name = name;
  result.subjects = subjects;
  return result;
}

} // namespace

TEST_CASE_METHOD(watched_fixture, "what a bucket was written with is known",
                 "[health]") {
  inner->fail("put", make_failure(ec::full, "insufficient storage"));
  put("NODES");
  CHECK(problem_of("buckets") == "bucket NODES: insufficient storage");
  put("NODES");
  CHECK(problem_of("buckets").empty());
}

TEST_CASE_METHOD(watched_fixture,
                 "a write that is refused for its revision "
                 "shows that writing works",
                 "[health]") {
  inner->fail("put", make_failure(ec::denied, "permissions violation"));
  put("LEADERS");
  CHECK(problem_of("buckets") == "bucket LEADERS: permissions violation");
  try_bucket(uut, "LEADERS", record).run([](const auto&) {});
  CHECK(problem_of("buckets").empty());
  CHECK(inner->value("LEADERS", "health").empty());
}

TEST_CASE_METHOD(watched_fixture,
                 "a write that is refused for its revision says nothing of the "
                 "room for one that is stored",
                 "[health]") {
  inner->fail("put", make_failure(ec::full, "insufficient storage"), 2);
  put("LEADERS");
  uut->put("LEADERS", "other", "value", 77, [](const auto&) {}); // Refused.
  inner->fail("put", make_failure(ec::conflict, "wrong last sequence"));
  put("LEADERS");
  CHECK(problem_of("buckets") == "bucket LEADERS: insufficient storage");
  // The trial stores something, and leaves nothing.
  try_bucket(uut, "LEADERS", record).run([](const auto&) {});
  CHECK(problem_of("buckets").empty());
  std::vector<std::string> left;
  inner->keys("LEADERS", [&](const auto& got) { left = *got; });
  CHECK(std::ranges::count(left, "health") == 0);
}

TEST_CASE_METHOD(watched_fixture,
                 "what failed of a bucket is tried again though nobody uses it",
                 "[health]") {
  inner->fail("put", make_failure(ec::unavailable, "no answer"));
  put("ATTEMPTS");
  inner->fail("keys", make_failure(ec::unavailable, "no answer"));
  uut->keys("CONNECTS", [](const auto&) {});
  CHECK(problem_of("buckets")
        == "bucket ATTEMPTS: no answer; reading bucket CONNECTS: no answer");
  auto answers = 0;
  try_failed_buckets(uut, {}, record).run([&](const auto&) { ++answers; });
  CHECK(problem_of("buckets").empty());
  CHECK(answers == 1);
  // As long as nothing fails nothing is asked.
  auto calls = inner->calls("");
  try_failed_buckets(uut, {}, record).run([&](const auto&) { ++answers; });
  CHECK(answers == 2);
  CHECK(inner->calls("") == calls);
}

TEST_CASE_METHOD(watched_fixture, "reading well says nothing of writing",
                 "[health]") {
  inner->fail("put", make_failure(ec::denied, "permissions violation"));
  put("LEADERS");
  uut->get("LEADERS", "key", [](const auto&) {});
  CHECK(problem_of("buckets") == "bucket LEADERS: permissions violation");
}

TEST_CASE_METHOD(watched_fixture,
                 "a publish that failed is named by its stream", "[health]") {
  inner->fail("publish", make_failure(ec::full, "maximum bytes exceeded"));
  publish();
  CHECK(problem_of("streams") == "publishing to JOBS: maximum bytes exceeded");
  publish();
  CHECK(problem_of("streams").empty());
}

TEST_CASE_METHOD(watched_fixture,
                 "a connection that is lost is no trouble of the streams",
                 "[health]") {
  connected = false;
  inner->fail("publish", make_failure(ec::unavailable, "away"));
  inner->fail("put", make_failure(ec::unavailable, "away"));
  publish();
  put("NODES");
  CHECK(problem_of("streams") == "-");
  CHECK(problem_of("buckets") == "-");
}

TEST_CASE_METHOD(watched_fixture, "streams and durables that lack are named",
                 "[health]") {
  consumer_options durable;
  durable.stream = "JOBS";
  durable.durable = "consumer__jobs";
  check_streams({{stream("JOBS", "jobs.>"), stream("OTHER", "other.>"),
                  stream("DLQ", "letters.>")},
                 {durable}});
  CHECK(problem_of("streams")
        == "durable consumer__jobs: it is missing; stream DLQ: it takes dlq.> "
           "instead of letters.>; stream OTHER: it is missing");
}

TEST_CASE_METHOD(watched_fixture,
                 "a publish that failed is over when the bus shows no reason "
                 "any more",
                 "[health]") {
  inner->fail("publish", make_failure(ec::full, "no space left"));
  publish();
  now += 31'000;
  check_streams({});
  CHECK_FALSE(problem_of("streams").empty()); // Nothing was written since.
  put("NODES");
  check_streams({});
  CHECK(problem_of("streams").empty());
}

TEST_CASE_METHOD(watched_fixture,
                 "a publish that failed is not over while its stream is full, "
                 "however well the bus does besides",
                 "[health]") {
  auto& jobs = inner->fillings["JOBS"];
  jobs = {.bytes = 10'000, .max_bytes = 10'000};
  inner->fail("publish", make_failure(ec::full, "maximum bytes exceeded"));
  publish();
  const auto full = "publishing to JOBS: maximum bytes exceeded";
  now += 31'000;
  put("NODES");
  check_streams({});
  CHECK(problem_of("streams") == full);
  // Room for less than a message is none.
  jobs.bytes = 9'900;
  check_streams({});
  CHECK(problem_of("streams") == full);
  jobs.bytes = 9'899;
  check_streams({});
  CHECK(problem_of("streams").empty());
}

TEST_CASE_METHOD(watched_fixture,
                 "a lack of rights lasts until a publish shows otherwise, or "
                 "nobody has asked for long",
                 "[health]") {
  inner->fail("publish", make_failure(ec::denied, "not permitted"));
  publish();
  now += 31'000;
  put("NODES");
  check_streams({});
  CHECK(problem_of("streams") == "publishing to JOBS: not permitted");
  now += 600'000;
  put("NODES");
  check_streams({});
  CHECK(problem_of("streams").empty());
}
