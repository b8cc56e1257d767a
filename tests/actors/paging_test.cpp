#include "actors/paging.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>

using namespace stravasync;

namespace {

using jobs::v1::ListPosition;

constexpr auto backfill = jobs::v1::SYNC_MODE_BACKFILL;
constexpr auto incremental = jobs::v1::SYNC_MODE_INCREMENTAL;

/// A list of activities as Strava keeps it, newest first.
struct upstream {
  std::vector<listed_activity> all;
  bool inclusive = false;
  std::uint32_t page_max = 200; // What a page really holds at most.

  /// Answers like GET /athlete/activities.
  std::vector<listed_activity>
  list(const ListPosition& at, std::uint32_t per_page) const {
    std::vector<listed_activity> matching;
    for (const auto& one : all) {
      auto slack = inclusive ? 1 : 0;
      if (at.before_s() != 0 && one.start_s >= at.before_s() + slack)
        continue;
      if (at.after_s() != 0 && one.start_s <= at.after_s() - slack)
        continue;
      matching.push_back(one);
    }
    if (at.after_s() != 0)
      std::ranges::reverse(matching);
    auto size = std::size_t{std::min(per_page, page_max)};
    auto begin = std::min<std::size_t>((at.page() - 1) * size, matching.size());
    auto end = std::min(begin + size, matching.size());
    auto offset = [&](std::size_t n) {
      return matching.begin() + static_cast<std::ptrdiff_t>(n);
    };
    return {offset(begin), offset(end)};
  }
};

struct run_result {
  std::vector<std::int64_t> ids; // In order of arrival.
  std::size_t calls = 0;
};

run_result walk(const upstream& from, jobs::v1::SyncMode mode, ListPosition at,
                std::uint32_t per_page) {
  run_result result;
  for (auto next = std::optional{at}; next && result.calls < 1'000;) {
    ++result.calls;
    auto page = step(mode, *next, from.list(*next, per_page), per_page);
    for (const auto& item : page.fresh)
      result.ids.push_back(item.id);
    next = page.next;
  }
  return result;
}

upstream make_upstream(int count, std::int64_t spacing_s) {
  upstream result;
  for (auto i = count; i > 0; --i)
    result.all.push_back({i, 1'600'000'000 + i * spacing_s, "{}"});
  return result;
}

void check_each_once(const upstream& from, const run_result& got) {
  auto unique = std::set<std::int64_t>(got.ids.begin(), got.ids.end());
  CHECK(unique.size() == got.ids.size());
  CHECK(unique.size() == from.all.size());
}

} // namespace

TEST_CASE("a backfill brings every activity once", "[paging]") {
  for (auto count : {0, 1, 9, 10, 11, 100, 101}) {
    for (auto inclusive : {false, true}) {
      INFO(count << " activities, inclusive bounds: " << inclusive);
      auto from = make_upstream(count, 3'600);
      from.inclusive = inclusive;
      check_each_once(from,
                      walk(from, backfill, first_position(backfill, 0, 0), 10));
    }
  }
}

TEST_CASE("a page that is short without being the last does not end a run",
          "[paging]") {
  auto from = make_upstream(95, 3'600);
  from.page_max = 7;
  check_each_once(from,
                  walk(from, backfill, first_position(backfill, 0, 0), 10));
}

TEST_CASE("activities that share their start second are all brought once",
          "[paging]") {
  auto from = make_upstream(40, 3'600);
  for (auto i = 5; i < 35; ++i)
    from.all[static_cast<std::size_t>(i)].start_s = from.all[5].start_s;
  for (auto inclusive : {false, true}) {
    from.inclusive = inclusive;
    check_each_once(from,
                    walk(from, backfill, first_position(backfill, 0, 0), 10));
  }
}

TEST_CASE("six hundred activities take five calls", "[paging]") {
  auto from = make_upstream(600, 86'400);
  auto got = walk(from, backfill, first_position(backfill, 0, 0), 200);
  CHECK(got.calls == 5);
  check_each_once(from, got);
}

TEST_CASE("an upload during the walk neither hides nor doubles anything",
          "[paging]") {
  auto from = make_upstream(50, 3'600);
  auto first = step(backfill, first_position(backfill, 0, 0),
                    from.list(first_position(backfill, 0, 0), 10), 10);
  auto before = from.all;
  from.all.insert(from.all.begin(), {999, 1'700'000'000, "{}"});
  REQUIRE(first.next);
  auto rest = walk(from, backfill, *first.next, 10);
  std::set<std::int64_t> ids(rest.ids.begin(), rest.ids.end());
  for (const auto& item : first.fresh)
    CHECK(ids.insert(item.id).second);
  CHECK(ids.size() == before.size());
}

TEST_CASE("an incremental run begins before what is known and ends with a "
          "short page",
          "[paging]") {
  auto from = make_upstream(25, 3'600);
  auto newest_known = from.all[12].start_s;
  auto at = first_position(incremental, newest_known, 2 * 3'600);
  auto got = walk(from, incremental, at, 10);
  CHECK(got.calls == 2);
  CHECK(got.ids.front() == from.all[13].id); // Inside the overlap.
  CHECK(got.ids.back() == from.all.front().id);
}

TEST_CASE("an incremental run of an empty store lists from the oldest",
          "[paging]") {
  auto from = make_upstream(25, 3'600);
  auto got = walk(from, incremental, first_position(incremental, 0, 3'600), 10);
  check_each_once(from, got);
  CHECK(got.ids.front() == 1);
}
