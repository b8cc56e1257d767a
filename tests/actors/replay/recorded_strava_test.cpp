#include "actors/replay/recorded_strava.hpp"

#include "actors/paging.hpp"
#include "adapters/strava/strava_client.hpp"
#include "messages/contracts.hpp"
#include "messages/error.hpp"
#include "tests/actors/replay/recorded_stream.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace stravasync;

namespace {

constexpr auto start_s = std::int64_t{1'698'825'600}; // 2023-11-01T08:00:00Z

std::string activity_json(std::int64_t id, int second) {
  return R"({"id":)" + std::to_string(id)
         + R"(,"start_date":"2023-11-01T08:00:0)" + std::to_string(second)
         + R"(Z"})";
}

ingest::v1::ActivitiesPage page_with(std::vector<std::string> activities) {
  ingest::v1::ActivitiesPage result;
  result.set_athlete_id(7);
  result.set_run_id("run");
  result.set_page_number(1);
  for (auto& one : activities)
    result.add_activities_json(std::move(one));
  return result;
}

jobs::v1::SyncAthlete job_of_page(std::uint32_t number) {
  jobs::v1::SyncAthlete result;
  result.set_athlete_id(7);
  result.set_run_id("run");
  result.set_page_number(number);
  return result;
}

} // namespace

TEST_CASE("the answer behind a page leads to the same page and position") {
  jobs::v1::ListPosition at;
  at.set_page(1);
  at.set_before_s(start_s + 6);
  at.add_seen_ids(50);
  auto page = page_with({activity_json(4, 4), activity_json(3, 3)});
  auto answer = answer_behind(page, at, *strava::make_decoder());
  REQUIRE(answer.items.size() == 3);
  CHECK(answer.items[0].id == 50);
  CHECK(answer.items[0].start_s == start_s + 5);
  CHECK(answer.items[2].id == 3);
  CHECK(answer.items[2].start_s == start_s + 3);
  auto again = step(jobs::v1::SYNC_MODE_BACKFILL, at, answer.items, 3, start_s);
  REQUIRE(again.fresh.size() == 2);
  CHECK(again.fresh[0].json == page.activities_json(0));
  REQUIRE(again.next);
  CHECK(again.next->before_s() == start_s + 4);
}

TEST_CASE("a job is answered by the page that was recorded for it") {
  auto streams = std::make_shared<test::recorded_streams>();
  auto decoder = strava::make_decoder();
  auto page = page_with({activity_json(4, 4)});
  streams->add("INGEST", make_envelope(page, {}), 1'000);
  page.set_page_number(2);
  page.add_activities_json(activity_json(3, 3));
  streams->add("INGEST", make_envelope(page, {}), 2'000);
  auto second = recorded_answer(streams, job_of_page(2), *decoder);
  REQUIRE(second);
  CHECK((*second)->items.size() == 2);
  auto none = recorded_answer(streams, job_of_page(3), *decoder);
  REQUIRE_FALSE(none);
  CHECK(code_of(none.error()) == ec::unavailable);
  CHECK(detail_of(none.error()).starts_with("no outside calls in replay"));
}

TEST_CASE("an answer that is kept whole is read again, a part of it is not") {
  auto decoder = strava::make_decoder();
  envelope letter;
  CHECK_FALSE(answer_kept(letter, *decoder));
  letter.headers["Ss-Reason"] = "byte 1 is ?";
  letter.headers["Ss-Unread"] = "5b7b22";
  letter.headers["Ss-Unread-At"] = "0/3";
  auto answer = answer_kept(letter, *decoder);
  REQUIRE(answer);
  REQUIRE(answer->unreadable);
  CHECK(answer->unreadable->reason.find("byte 1 of 3") != std::string::npos);
  letter.headers["Ss-Unread"] = "5b5d"; // What this version can read.
  letter.headers["Ss-Unread-At"] = "0/2";
  answer = answer_kept(letter, *decoder);
  REQUIRE(answer);
  CHECK_FALSE(answer->unreadable);
  letter.headers["Ss-Unread-At"] = "5/900";
  answer = answer_kept(letter, *decoder);
  REQUIRE(answer);
  REQUIRE(answer->unreadable);
  CHECK(answer->unreadable->reason == "byte 1 is ?");
  CHECK(answer->unreadable->excerpt == "[]");
  CHECK(answer->unreadable->excerpt_at == 5);
}
