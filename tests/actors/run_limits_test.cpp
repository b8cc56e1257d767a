// When a walk through Strava's list is ended.

#include "actors/paging.hpp"

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace stravasync;

namespace {

constexpr auto backfill = jobs::v1::SYNC_MODE_BACKFILL;
constexpr auto now_s = std::int64_t{1'800'000'000};

/// Walks a list without end until a reason to stop. @returns it.
std::string
walk_endless(const std::function<std::vector<listed_activity>(int)>& page_of,
             const run_limits& limits) {
  auto at = first_position(backfill, {}, 0, now_s);
  for (auto page = 0; page < 1'000; ++page) {
    auto got = step(backfill, at, page_of(page), 3, now_s);
    REQUIRE(got.next);
    at = *got.next;
    if (auto why = reason_to_stop(at, limits); !why.empty())
      return why + " after page " + std::to_string(page + 1);
  }
  return {};
}

} // namespace

TEST_CASE("a list that goes nowhere is stopped", "[paging]") {
  auto limits = run_limits{.stalled_pages_max = 5};
  auto expected = std::string{
    "Strava's list does not go on: 5 pages in a row came less than an hour "
    "further (sync.stalled_pages_max) after page 6"};
  SECTION("the same short page") {
    CHECK(walk_endless(
            [](int) {
              return std::vector<listed_activity>{{1, 500, "{}"}};
            },
            limits)
          == expected);
  }
  SECTION("the same full page") {
    CHECK(walk_endless(
            [](int) {
              return std::vector<listed_activity>{
                {3, 700, "{}"}, {2, 600, "{}"}, {1, 500, "{}"}};
            },
            limits)
          == expected);
  }
  SECTION("new activities in one second") {
    CHECK(walk_endless(
            [](int page) {
              return std::vector<listed_activity>{{3 * page + 3, 500, "{}"},
                                                  {3 * page + 2, 500, "{}"},
                                                  {3 * page + 1, 500, "{}"}};
            },
            limits)
          == expected);
  }
  SECTION("one activity a second, for ever") {
    CHECK(walk_endless(
            [](int page) {
              std::vector<listed_activity> result;
              for (auto i = 1; i <= 3; ++i)
                result.push_back(
                  {3 * page + i, 1'000'000'000 - (3 * page + i), "{}"});
              return result;
            },
            limits)
          == expected);
  }
  SECTION("nothing that can be read") {
    CHECK(
      walk_endless(
        [](int page) {
          return std::vector<listed_activity>{{0, {}, std::to_string(page)}};
        },
        {.stalled_pages_max = 5})
        .ends_with("after page 5"));
  }
}

TEST_CASE("a history without end is stopped", "[paging]") {
  auto page_of = [](int page) {
    std::vector<listed_activity> result;
    for (auto i = 0; i < 3; ++i)
      result.push_back(
        {3 * page + i + 1, 1'000'000'000 - (3LL * page + i) * 86'400, "{}"});
    return result;
  };
  CHECK(walk_endless(page_of, {.activities_max = 10})
        == "Strava's list has no end: it listed 12 activities of one athlete "
           "(sync.activities_max) after page 4");
}
