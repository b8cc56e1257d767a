#include "messages/contracts.hpp"

#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"
#include "messages/validation.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <random>
#include <string>

using namespace stravasync;

namespace {

jobs::v1::SyncAthlete sample_job() {
  jobs::v1::SyncAthlete result;
  result.set_athlete_id(70'000'001);
  result.set_run_id("run-1");
  result.set_mode(jobs::v1::SYNC_MODE_BACKFILL);
  result.set_page_number(3);
  result.mutable_position()->set_before_s(1'700'000'000);
  result.mutable_position()->add_seen_ids(9'000'000'001);
  return result;
}

ingest::v1::ActivitiesPage page_of(std::string activity) {
  ingest::v1::ActivitiesPage result;
  result.set_athlete_id(7);
  result.set_run_id("run-1");
  result.set_page_number(1);
  result.add_activities_json(std::move(activity));
  return result;
}

bool equal(const google::protobuf::Message& left,
           const google::protobuf::Message& right) {
  return google::protobuf::util::MessageDifferencer::Equals(left, right);
}

/// Bytes that no compressor makes smaller.
std::string noise(std::size_t size) {
  std::mt19937 source{42};
  auto byte = std::uniform_int_distribution<int>{0, 255};
  std::string result;
  for (auto i = std::size_t{0}; i < size; ++i)
    result += static_cast<char>(byte(source));
  return result;
}

} // namespace

TEST_CASE("a subject is area, message and athlete") {
  CHECK(make_envelope(sample_job(), {}).subject
        == "jobs.sync_athlete.70000001");
  events::v1::AthleteConnected connected;
  connected.set_athlete_id(5);
  CHECK(make_envelope(connected, {}).subject == "events.athlete_connected.5");
}

TEST_CASE("a page's subject goes on with its run") {
  CHECK(make_envelope(page_of("{}"), {}).subject
        == "ingest.activities.7.run-1");
}

TEST_CASE("a type's filter selects its subjects and no other type's") {
  auto filter = subject_filter(jobs::v1::SyncAthlete{});
  CHECK(filter == "jobs.sync_athlete.>");
  CHECK(subject_matches(filter, make_envelope(sample_job(), {}).subject));
  CHECK_FALSE(
    subject_matches(filter, make_envelope(page_of("{}"), {}).subject));
  CHECK(subject_matches(subject_filter(ingest::v1::ActivitiesPage{}),
                        make_envelope(page_of("{}"), {}).subject));
}

TEST_CASE("every type belongs to the stream of its area") {
  CHECK(stream_of(jobs::v1::SyncAthlete{}) == "JOBS");
  CHECK(stream_of(ingest::v1::ActivitiesPage{}) == "INGEST");
  CHECK(stream_of(events::v1::ActivityStored{}) == "EVENTS");
  // Of no area of ours.
  CHECK(stream_of(google::protobuf::FileDescriptorProto{}).empty());
}

TEST_CASE("there are four streams and only jobs are refused when full") {
  REQUIRE(streams().size() == 4);
  for (const auto& stream : streams()) {
    CHECK(stream.refuse_when_full == (stream.name == "JOBS"));
    CHECK(stream.subjects.ends_with(".>"));
  }
}

TEST_CASE("a durable's name is its service and the type's full name") {
  auto name = durable_name("consumer", jobs::v1::SyncAthlete{});
  CHECK(name == "consumer__stravasync_jobs_v1_SyncAthlete");
  CHECK(dead_letter_subject(name)
        == "dlq.consumer__stravasync_jobs_v1_SyncAthlete");
  CHECK(subject_matches("dlq.>", dead_letter_subject(name)));
}

TEST_CASE("an envelope gives back what was put into it") {
  auto job = sample_job();
  auto sent = make_envelope(job, {.message_id = "id-1",
                                  .cause = "id-0",
                                  .traceparent = "00-aa-bb-01",
                                  .principal = "operator"});
  CHECK(sent.header_or_empty(header::message_id) == "id-1");
  CHECK(sent.header_or_empty(header::cause) == "id-0");
  CHECK(sent.header_or_empty(header::traceparent) == "00-aa-bb-01");
  CHECK(sent.header_or_empty(header::principal) == "operator");
  CHECK(sent.header_or_empty(header::type) == "stravasync.jobs.v1.SyncAthlete");
  jobs::v1::SyncAthlete got;
  REQUIRE(decode(sent, got));
  CHECK(equal(got, job));
}

TEST_CASE("options that are empty leave no header") {
  auto sent = make_envelope(sample_job(), {});
  CHECK(sent.headers.size() == 1);
  CHECK(sent.header_or_empty(header::message_id).empty());
  CHECK(sent.header_or_empty("No-Such-Header").empty());
}

TEST_CASE("a message without any field set travels too") {
  events::v1::ActivityStored empty;
  auto sent = make_envelope(empty, {});
  CHECK(sent.payload.empty());
  events::v1::ActivityStored got;
  CHECK(parse_payload(sent, got));
  // But it says of nobody what was stored.
  CHECK_FALSE(decode(sent, got));
}

TEST_CASE("payloads above 2 KiB are compressed, others are not") {
  constexpr auto limit = std::size_t{2} * 1024;
  auto small = make_envelope(page_of(std::string(limit - 100, 'x')), {});
  CHECK(small.payload.size() > limit - 100);
  CHECK(small.headers.size() == 1);
  auto page = page_of(std::string(limit, 'x'));
  auto large = make_envelope(page, {});
  CHECK(large.payload.size() < 100);
  CHECK(large.header_or_empty("Ss-Encoding") == "zstd");
  ingest::v1::ActivitiesPage got;
  REQUIRE(decode(large, got));
  CHECK(equal(got, page));
}

TEST_CASE("bytes that do not compress are left as they are") {
  auto page = page_of(noise(std::size_t{300} * 1024));
  auto sent = make_envelope(page, {});
  CHECK(sent.headers.size() == 1);
  ingest::v1::ActivitiesPage got;
  REQUIRE(decode(sent, got));
  CHECK(equal(got, page));
}

TEST_CASE("an envelope of another type does not decode") {
  auto sent = make_envelope(sample_job(), {});
  events::v1::AthleteConnected other;
  CHECK_FALSE(decode(sent, other));
  sent.headers.erase(std::string{header::type});
  jobs::v1::SyncAthlete same;
  CHECK_FALSE(decode(sent, same));
}

TEST_CASE("a damaged payload does not decode") {
  auto sent = make_envelope(sample_job(), {});
  jobs::v1::SyncAthlete got;
  auto cut = sent;
  cut.payload.pop_back();
  CHECK_FALSE(decode(cut, got));
  auto garbage = sent;
  garbage.payload = "\xff\xff\xff\xff";
  CHECK_FALSE(decode(garbage, got));
}

TEST_CASE("a damaged compressed payload does not decode") {
  auto sent = make_envelope(page_of(std::string(std::size_t{300} * 1024, 'x')),
                            {});
  ingest::v1::ActivitiesPage got;
  auto cut = sent;
  cut.payload.resize(cut.payload.size() / 2);
  CHECK_FALSE(decode(cut, got));
  auto empty = sent;
  empty.payload.clear();
  CHECK_FALSE(decode(empty, got));
  auto garbage = sent;
  garbage.payload = "no zstd frame";
  CHECK_FALSE(decode(garbage, got));
  // A header that claims more than a decoder should ever allocate.
  auto bomb = sent;
  bomb.payload = std::string{"\x28\xb5\x2f\xfd\xc0"} + std::string(8, '\x7f');
  CHECK_FALSE(decode(bomb, got));
  auto unknown = sent;
  unknown.headers["Ss-Encoding"] = "brotli";
  CHECK_FALSE(decode(unknown, got));
}

TEST_CASE("subjects match token by token") {
  struct sample {
    std::string_view filter;
    std::string_view subject;
    bool matches;
  };
  auto [filter, subject, matches] = GENERATE(
    sample{"jobs.sync_athlete.1", "jobs.sync_athlete.1", true},
    sample{"jobs.sync_athlete.1", "jobs.sync_athlete.10", false},
    sample{"jobs.sync_athlete", "jobs.sync_athlete.1", false},
    sample{"jobs.sync_athlete.1", "jobs.sync_athlete", false},
    sample{"jobs.>", "jobs.sync_athlete.1", true},
    sample{"jobs.>", "jobs.x", true}, sample{"jobs.>", "jobs", false},
    sample{"jobs.>", "job.x", false}, sample{">", "jobs", true},
    sample{">", "jobs.a.b", true}, sample{"*", "jobs", true},
    sample{"*", "jobs.a", false}, sample{"jobs.*", "jobs.a", true},
    sample{"jobs.*", "jobs.a.b", false}, sample{"jobs.*.1", "jobs.a.1", true},
    sample{"jobs.*.1", "jobs.a.2", false}, sample{"jobs.*.>", "jobs.a", false},
    sample{"jobs.*.>", "jobs.a.b", true}, sample{"*.*", "jobs.a", true},
    sample{"", "jobs", false}, sample{">", "", false}, sample{"*", "", false});
  CAPTURE(filter, subject);
  CHECK(subject_matches(filter, subject) == matches);
}
