#include "actors/paging.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace stravasync;

namespace {

using jobs::v1::ListPosition;

constexpr auto backfill = jobs::v1::SYNC_MODE_BACKFILL;
constexpr auto now_s = std::int64_t{1'800'000'000};
constexpr auto incremental = jobs::v1::SYNC_MODE_INCREMENTAL;

/// A list of activities as Strava keeps it, newest first.
struct upstream {
  struct entry {
    std::int64_t start_s = 0; // By which Strava orders, readable or not.
    listed_activity item;
  };
  std::vector<entry> all;
  bool inclusive = false;
  std::uint32_t page_max = 200; // What a page really holds at most.

  void move(std::size_t index, std::int64_t start_s) {
    all[index].start_s = start_s;
    all[index].item.start_s = start_s;
  }

  void add(std::int64_t id, std::int64_t start_s) {
    all.push_back({start_s, {id, start_s, "{}"}});
  }

  /// Answers like GET /athlete/activities.
  std::vector<listed_activity>
  list(const ListPosition& at, std::uint32_t per_page) const {
    std::vector<listed_activity> matching;
    CHECK(at.before_s() >= 0);
    CHECK((at.after_s() >= 0 && at.after_s() <= now_s));
    for (const auto& [true_start_s, one] : all) {
      auto slack = inclusive ? 1 : 0;
      if (at.has_before_s() && true_start_s >= at.before_s() + slack)
        continue;
      if (at.has_after_s() && true_start_s <= at.after_s() - slack)
        continue;
      matching.push_back(one);
    }
    if (at.has_after_s())
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
    auto page = step(mode, *next, from.list(*next, per_page), per_page, now_s);
    for (const auto& item : page.fresh)
      result.ids.push_back(item.id);
    next = page.next;
  }
  return result;
}

upstream make_upstream(int count, std::int64_t spacing_s) {
  upstream result;
  for (auto i = count; i > 0; --i)
    result.add(i, 1'600'000'000 + i * spacing_s);
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
      check_each_once(
        from, walk(from, backfill, first_position(backfill, {}, 0, now_s), 10));
    }
  }
}

TEST_CASE("a page that is short without being the last does not end a run",
          "[paging]") {
  auto from = make_upstream(95, 3'600);
  from.page_max = 7;
  check_each_once(
    from, walk(from, backfill, first_position(backfill, {}, 0, now_s), 10));
}

TEST_CASE("activities that share their start second are all brought once",
          "[paging]") {
  auto from = make_upstream(40, 3'600);
  for (auto i = 5; i < 35; ++i)
    from.move(static_cast<std::size_t>(i), from.all[5].start_s);
  for (auto inclusive : {false, true}) {
    from.inclusive = inclusive;
    check_each_once(
      from, walk(from, backfill, first_position(backfill, {}, 0, now_s), 10));
  }
}

TEST_CASE("six hundred activities take five calls", "[paging]") {
  auto from = make_upstream(600, 86'400);
  auto got = walk(from, backfill, first_position(backfill, {}, 0, now_s), 200);
  CHECK(got.calls == 5);
  check_each_once(from, got);
}

TEST_CASE("an upload during the walk neither hides nor doubles anything",
          "[paging]") {
  auto from = make_upstream(50, 3'600);
  auto first = step(backfill, first_position(backfill, {}, 0, now_s),
                    from.list(first_position(backfill, {}, 0, now_s), 10), 10,
                    now_s);
  auto before = from.all;
  from.all.insert(from.all.begin(),
                  {1'700'000'000, {999, 1'700'000'000, "{}"}});
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
  auto at = first_position(incremental, newest_known, 2 * 3'600, now_s);
  auto got = walk(from, incremental, at, 10);
  CHECK(got.calls == 2);
  CHECK(got.ids.front() == from.all[13].item.id); // Inside the overlap.
  CHECK(got.ids.back() == from.all.front().item.id);
}

TEST_CASE("an incremental run of an empty store lists from the oldest",
          "[paging]") {
  auto from = make_upstream(25, 3'600);
  auto got = walk(from, incremental,
                  first_position(incremental, {}, 3'600, now_s), 10);
  check_each_once(from, got);
  CHECK(got.ids.front() == 1);
}

TEST_CASE("activities from before 1970 are brought once, without a bound below "
          "0",
          "[paging]") {
  for (auto recent : {0, 9, 10, 19, 30}) {
    for (auto inclusive : {false, true}) {
      INFO(recent << " recent ones, inclusive bounds: " << inclusive);
      auto from = make_upstream(recent, 86'400);
      from.inclusive = inclusive;
      for (auto i = 0; i < 35; ++i)
        from.add(1'000 + i, 1 - i * 40'000);
      from.add(2'000, -62'135'596'800);
      auto got = walk(from, backfill, first_position(backfill, {}, 0, now_s),
                      10);
      check_each_once(from, got);
      CHECK(got.calls <= static_cast<std::size_t>(recent) / 8 + 9);
    }
  }
}

TEST_CASE("an update begins before now, however late the newest start",
          "[paging]") {
  auto at = first_position(incremental, now_s + 10'000'000, 0, now_s);
  CHECK(at.after_s() == now_s - 3'600);
  at = first_position(incremental, now_s + 10'000'000, 86'400, now_s);
  CHECK(at.after_s() == now_s - 86'400);
  at = first_position(incremental, -5, 86'400, now_s);
  CHECK(at.after_s() == 1);
}

TEST_CASE("an update brings what is in the future by turning pages",
          "[paging]") {
  auto from = upstream{};
  for (auto i = 35; i > 0; --i)
    from.add(i, now_s + i * 86'400);
  auto at = first_position(incremental, now_s, 3'600, now_s);
  auto got = walk(from, incremental, at, 10);
  check_each_once(from, got);
  CHECK(got.calls == 4);
}

TEST_CASE("elements that cannot be read do not stop a walk, wherever they are",
          "[paging]") {
  for (auto broken : {0, 8, 9, 10, 17, 18, 19, 30})
    for (auto count : {1, 2, 12}) {
      INFO(count << " from " << broken);
      auto from = make_upstream(45, 3'600);
      for (auto i = broken; i < broken + count; ++i) {
        auto& item = from.all[static_cast<std::size_t>(i)].item;
        item.start_s.reset();
        if (i % 2 == 0)
          item.id = 0;
        item.json = "broken " + std::to_string(i);
      }
      auto got = walk(from, backfill, first_position(backfill, {}, 0, now_s),
                      10);
      std::multiset<std::int64_t> ids(got.ids.begin(), got.ids.end());
      for (const auto& one : from.all)
        if (one.item.id > 0)
          CHECK(ids.count(one.item.id) == 1);
      auto nameless = std::ranges::count_if(
        from.all, [](const auto& one) { return one.item.id == 0; });
      CHECK(ids.count(0) == static_cast<std::size_t>(nameless));
      CHECK(got.calls < 10);
    }
}

TEST_CASE("equal elements that cannot be read are carried each once",
          "[paging]") {
  std::vector<listed_activity> items{
    {3, 300, "{}"}, {0, {}, "null"}, {0, {}, "null"}};
  auto first = step(backfill, first_position(backfill, {}, 0, now_s), items, 3,
                    now_s);
  CHECK(first.fresh.size() == 3);
  REQUIRE(first.next);
  CHECK(first.next->before_s() == 301);
  std::vector<listed_activity> more{
    {3, 300, "{}"}, {0, {}, "null"}, {0, {}, "null"}, {0, {}, "null"}};
  auto second = step(backfill, *first.next, more, 4, now_s);
  REQUIRE(second.fresh.size() == 1);
  CHECK(second.fresh[0].json == "null");
}

TEST_CASE("a position of an older version goes on as it did", "[paging]") {
  // before_s = 1001, page = 1, seen_ids = [7], as version 0.1 wrote it.
  ListPosition at;
  REQUIRE(at.ParseFromString(std::string{"\x08\xe9\x07\x18\x01\x22\x01\x07"}));
  CHECK(at.has_before_s());
  CHECK_FALSE(at.has_after_s());
  auto got = step(backfill, at, {{7, 1'000, "{}"}, {6, 900, "{}"}}, 2, now_s);
  REQUIRE(got.fresh.size() == 1);
  REQUIRE(got.next);
  CHECK(got.next->before_s() == 901);
}
