#include "messages/describe.hpp"

#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/json.hpp"
#include "messages/validation.hpp"

#include <catch2/catch_test_macros.hpp>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <string>

using namespace stravasync;

namespace {

jobs::v1::SyncAthlete sample_job() {
  jobs::v1::SyncAthlete result;
  result.set_athlete_id(70'000'001);
  result.set_run_id("run-1");
  result.set_mode(jobs::v1::SYNC_MODE_BACKFILL);
  result.mutable_position()->add_seen_ids(9'000'000'001);
  result.mutable_position()->add_seen_ids(9'000'000'002);
  return result;
}

constexpr auto sample_json
  = R"({"athlete_id":70000001,"run_id":"run-1","mode":"SYNC_MODE_BACKFILL",)"
    R"("lane":"LANE_UNSPECIFIED","page_number":0,"position":{"page":0,)"
    R"("seen_ids":[9000000001,9000000002],"seen_digests":[],)"
    R"("stalled_pages":0,"listed":0},)"
    R"("run_started_at_ms":0})";

} // namespace

TEST_CASE("a payload is described by the names and values of its contract") {
  auto said = describe_payload(make_envelope(sample_job(), {}));
  CHECK(said.json == sample_json);
  CHECK(said.problem.empty());
}

TEST_CASE("fields of a newer version are listed and kept") {
  auto job = sample_job();
  job.GetReflection()->MutableUnknownFields(&job)->AddVarint(99, 1);
  auto said = describe_payload(make_envelope(job, {}));
  CHECK(said.json.ends_with(R"("run_started_at_ms":0,"unknown_fields":[99]})"));
  jobs::v1::SyncAthlete read;
  REQUIRE(parse_payload(make_envelope(job, {}), read));
  CHECK(read.SerializeAsString() == job.SerializeAsString());
}

TEST_CASE("bytes are shown as text if they are, else as hex") {
  ingest::v1::ActivitiesPage page;
  page.add_activities_json(R"({"name":"Tour"})");
  page.add_activities_json("\xff\x01");
  auto said = describe_payload(make_envelope(page, {}));
  CHECK(said.json.find(
          R"("activities_json":["{\"name\":\"Tour\"}",{"hex":"ff01"}])")
        != std::string::npos);
}

TEST_CASE("a compressed payload is described as what it holds") {
  ingest::v1::ActivitiesPage page;
  page.add_activities_json(std::string(300'000, 'x'));
  auto said = describe_payload(make_envelope(page, {}));
  CHECK(said.problem.empty());
  CHECK(said.json.size() > 300'000);
}

TEST_CASE("an unknown type is shown as hex and says so") {
  envelope message{"jobs.fly.1", {{"Ss-Type", "stravasync.jobs.v9.Fly"}}, "\1"};
  auto said = describe_payload(message);
  CHECK(said.json.empty());
  CHECK(said.hex == "01");
  CHECK(said.problem
        == "type stravasync.jobs.v9.Fly is none that this version knows");
  message.headers.clear();
  CHECK(describe_payload(message).problem
        == "the message does not say its type");
}

TEST_CASE("a payload that does not parse is shown as hex and says so") {
  auto message = make_envelope(sample_job(), {});
  message.payload = "\xff\xff";
  auto said = describe_payload(message);
  CHECK(said.hex == "ffff");
  CHECK(said.problem
        == "this is no well-formed stravasync.jobs.v1.SyncAthlete");
}

TEST_CASE("a refusal names what came and what was wanted") {
  jobs::v1::SyncAthlete wanted;
  auto message = make_envelope(sample_job(), {});
  message.payload = "\xff\xff";
  CHECK(refusal_of(message, wanted)
        == "this is no well-formed stravasync.jobs.v1.SyncAthlete");
  message.headers["Ss-Type"] = "stravasync.jobs.v9.Fly";
  CHECK(refusal_of(message, wanted)
        == "type stravasync.jobs.v9.Fly, which this version does not know, "
           "stands where stravasync.jobs.v1.SyncAthlete belongs");
  message.headers.erase("Ss-Type");
  CHECK(refusal_of(message, wanted)
        == "a message without a type stands where "
           "stravasync.jobs.v1.SyncAthlete belongs");
}

TEST_CASE("a refusal names the rule that a message breaks") {
  jobs::v1::SyncAthlete job;
  job.set_athlete_id(7);
  job.set_run_id("r");
  job.set_run_started_at_ms(1);
  CHECK(refusal_of(make_envelope(job, {}), job)
        == "this stravasync.jobs.v1.SyncAthlete breaks a rule: page_number "
           "must be 1 to 1000000");
  job.set_mode(static_cast<jobs::v1::SyncMode>(9));
  CHECK(refusal_of(make_envelope(job, {}), job)
        == "this stravasync.jobs.v1.SyncAthlete breaks a rule: mode must be a "
           "choice that this version knows");
}

TEST_CASE("a message is one line with its place, headers and payload") {
  envelope message{"jobs.fly.1", {{"Ss-Cause", "a\n\"\xff"}}, "\1"};
  CHECK(describe_message(message, {"JOBS", 7, 1'693'780'160'005})
        == "{\"stream\":\"JOBS\",\"sequence\":7,\"stored_at\":"
           "\"2023-09-03T22:29:20.005Z\",\"subject\":\"jobs.fly.1\","
           "\"headers\":{\"Ss-Cause\":\"a\\n\\\"\xEF\xBF\xBD\"},"
           "\"payload_hex\":\"01\",\"problem\":"
           "\"the message does not say its type\"}");
}

TEST_CASE("text that is no UTF-8 is made so") {
  std::string out;
  append_quoted(out, "\xE2\x82\xAC \xED\xA0\x80");
  CHECK(out == "\"\xE2\x82\xAC \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
