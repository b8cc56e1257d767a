#include "messages/validation.hpp"

#include "messages/athletes.pb.h"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <zstd.h>

#include <limits>
#include <string>

using namespace stravasync;

namespace {

jobs::v1::SyncAthlete good_job() {
  jobs::v1::SyncAthlete result;
  result.set_athlete_id(7);
  result.set_run_id("relist-7-1700000000000");
  result.set_mode(jobs::v1::SYNC_MODE_RELIST);
  result.set_lane(jobs::v1::LANE_USER);
  result.set_page_number(1);
  result.set_run_started_at_ms(1'700'000'000'000);
  return result;
}

ingest::v1::ActivitiesPage good_page() {
  ingest::v1::ActivitiesPage result;
  result.set_athlete_id(7);
  result.set_run_id("r");
  result.set_page_number(1);
  return result;
}

/// An envelope of a page whose payload is `plain`, packed in small pieces so
/// that the frame need not say its size.
envelope packed_page(const std::string& plain, bool says_size) {
  auto result = make_envelope(good_page(), {});
  auto* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, says_size ? 1 : 0);
  result.payload.resize(ZSTD_compressBound(plain.size()));
  auto size = ZSTD_compress2(context, result.payload.data(),
                             result.payload.size(), plain.data(), plain.size());
  ZSTD_freeCCtx(context);
  REQUIRE(ZSTD_isError(size) == 0u);
  result.payload.resize(size);
  result.headers["Ss-Encoding"] = "zstd";
  return result;
}

} // namespace

TEST_CASE("what today's version makes keeps the rules") {
  CHECK(fault_of(good_job()).empty());
  auto page = good_page();
  *page.mutable_next() = good_job();
  page.mutable_next()->set_run_id("r");
  CHECK(fault_of(page).empty());
  CHECK(fault_of(query::v1::ListAthletes{}).empty());
  // Of a type without rules.
  CHECK(fault_of(query::v1::BeginConnect{}).empty());
}

TEST_CASE("a run is a token of a subject") {
  auto job = good_job();
  auto [id, fits] = GENERATE(table<std::string, bool>({
    {"", false},
    {"a b", false},
    {"a.b", false},
    {"a*", false},
    {">", false},
    {"x\ny", false},
    {"\xC3\xA4", false},
    {std::string(129, 'r'), false},
    {std::string(128, 'r'), true},
    {"incremental-7-1700000000000", true},
  }));
  CAPTURE(id);
  job.set_run_id(id);
  CHECK(fault_of(job)
        == (fits ? "" : "run_id must be 1 to 128 of A-Z a-z 0-9 _ -"));
}

TEST_CASE("a job that breaks a rule is told which") {
  auto job = good_job();
  auto rule = std::string{};
  SECTION("athlete") {
    job.set_athlete_id(GENERATE(0, -1, std::numeric_limits<int64_t>::min()));
    rule = "athlete_id must be above 0";
  }
  SECTION("page") {
    job.set_page_number(GENERATE(0u, 1'000'001u, 4'294'967'295u));
    rule = "page_number must be 1 to 1000000";
  }
  SECTION("mode") {
    job.set_mode(static_cast<jobs::v1::SyncMode>(99));
    rule = "mode must be a choice that this version knows";
  }
  SECTION("time") {
    job.set_run_started_at_ms(std::numeric_limits<int64_t>::max());
    rule = "run_started_at_ms must be a time of the years 1 to 9999";
  }
  SECTION("cursor") {
    job.mutable_position()->set_before_s(253'402'300'800);
    rule = "position.before_s must be a time of the years 1 to 9999";
  }
  CHECK(fault_of(job) == rule);
  jobs::v1::SyncAthlete got;
  CHECK_FALSE(decode(make_envelope(job, {}), got));
  CHECK(parse_payload(make_envelope(job, {}), got));
}

TEST_CASE("a page goes on with its own run only") {
  auto page = good_page();
  *page.mutable_next() = good_job();
  CHECK(fault_of(page) == "next must be of the same run");
  page.mutable_next()->set_run_id("r");
  page.mutable_next()->set_athlete_id(8);
  CHECK(fault_of(page) == "next must be of the same run");
  page.mutable_next()->set_page_number(0);
  CHECK(fault_of(page) == "next.page_number must be 1 to 1000000");
}

TEST_CASE("a page has so many elements") {
  auto page = good_page();
  for (auto i = 0; i < 1'000; ++i)
    page.add_activities_json("{}");
  CHECK(fault_of(page).empty());
  page.add_activities_json("{}");
  CHECK(fault_of(page) == "activities_json must be at most 1000 elements");
}

TEST_CASE("a fact and a question keep rules, too") {
  events::v1::SyncHeldUp fact;
  fact.set_athlete_id(7);
  fact.set_run_id("r");
  fact.set_page_number(1);
  CHECK(fault_of(fact).empty());
  fact.set_reason(std::string(4'097, 'x'));
  CHECK(fault_of(fact) == "reason must be at most 4096 bytes");
  fact.set_state(static_cast<events::v1::SyncState>(99));
  CHECK(fault_of(fact) == "state must be a choice that this version knows");
  query::v1::LeaseToken question;
  CHECK(fault_of(question) == "athlete_id must be above 0");
}

TEST_CASE("an answer of another node keeps rules, too") {
  query::v1::AccessToken token;
  auto wrong = std::string{"access_token must be 1 to 4096 visible letters of "
                           "ASCII"};
  for (const auto& text :
       {std::string{}, std::string{"a\r\nX: 1"}, std::string{"a b"},
        std::string{"\xC3\xA4"}, std::string(4'097, 'x')}) {
    token.set_access_token(text);
    CHECK(fault_of(token) == wrong);
  }
  token.set_access_token("3f9~");
  CHECK(fault_of(token).empty());
  token.set_expires_at_ms(std::numeric_limits<int64_t>::max());
  CHECK(fault_of(token)
        == "expires_at_ms must be a time of the years 1 to 9999");
  query::v1::AthleteList list;
  list.add_items()->set_id(7);
  list.mutable_items(0)->mutable_sync()->set_mode(
    static_cast<jobs::v1::SyncMode>(99)); // A newer version's.
  CHECK(fault_of(list).empty());
  list.add_items();
  CHECK(fault_of(list) == "items.id must be above 0");
  list.mutable_items(1)->set_id(8);
  list.mutable_items(1)->set_newest_start_ms(
    std::numeric_limits<int64_t>::min());
  CHECK(fault_of(list)
        == "items.newest_start_ms must be a time of the years 1 to 9999");
  list.mutable_items(1)->clear_newest_start_ms();
  list.set_next_cursor(std::string(257, 'x'));
  CHECK(fault_of(list) == "next_cursor must be at most 256 bytes");
  list.clear_next_cursor();
  for (auto i = 2; i <= 200; ++i)
    list.add_items()->set_id(i + 7);
  CHECK(fault_of(list) == "items must be at most 200");
}

TEST_CASE("headers are bounded each and together") {
  header_map headers{{"traceparent", std::string(4'096, 'x')}};
  CHECK(fault_of(headers).empty());
  headers["traceparent"] += 'x';
  CHECK(fault_of(headers) == "header traceparent must be at most 4096 bytes");
  headers.clear();
  for (auto i = 0; i < 9; ++i)
    headers["h" + std::to_string(i)] = std::string(4'000, 'x');
  CHECK(fault_of(headers) == "headers must be at most 32768 bytes together");
}

TEST_CASE("what unpacks to more than 20 MiB is not unpacked") {
  auto says_size = GENERATE(true, false);
  auto plain = [](std::size_t size) {
    auto page = good_page();
    page.add_activities_json(std::string(size, ' '));
    return page.SerializeAsString();
  };
  ingest::v1::ActivitiesPage got;
  CHECK(decode(packed_page(plain(plain_bytes_max - 100), says_size), got));
  got.Clear();
  CHECK_FALSE(decode(packed_page(plain(plain_bytes_max), says_size), got));
  CHECK(got.activities_json_size() == 0);
  CHECK_FALSE(decode(packed_page(plain(60'000'000), says_size), got));
}

TEST_CASE("many elements of nothing are not made") {
  ingest::v1::ActivitiesPage got;
  std::string empties;
  for (auto i = 0; i < 5'000'000; ++i)
    empties.append("\x3a\0", 2);
  CHECK_FALSE(parse_bounded(empties, got));
  CHECK(got.activities_json_size() == 0);
  // Numbers that one message inside another holds packed.
  jobs::v1::SyncAthlete job;
  for (auto i = 0; i < 2'000'000; ++i)
    job.mutable_position()->add_seen_ids(1);
  jobs::v1::SyncAthlete read;
  CHECK_FALSE(parse_bounded(job.SerializeAsString(), read));
  // Groups within groups.
  CHECK_FALSE(parse_bounded(std::string(5'000, '\x0b'), read));
}
