#include "adapters/strava_sim/athlete_history.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>

using namespace stravasync::strava_sim;

namespace {

/// Activities 1 to `count`, one every 100 s, each tenth for its owner only.
std::vector<history_entry> newest_first(std::int64_t count) {
  auto result = std::vector<history_entry>{};
  for (auto id = count; id >= 1; --id)
    result.push_back({id, id * 100, id % 10 == 0, static_cast<int>(id)});
  return result;
}

std::vector<std::int64_t> ids(const std::vector<history_entry>& of) {
  auto result = std::vector<std::int64_t>{};
  for (const auto& entry : of)
    result.push_back(entry.id);
  return result;
}

using id_list = std::vector<std::int64_t>;

} // namespace

TEST_CASE("without bounds and with `before` the newest come first") {
  auto all = newest_first(9);
  CHECK(ids(list_page(all, {.per_page = 3}, {})) == id_list{9, 8, 7});
  CHECK(ids(list_page(all, {.before_s = 500, .per_page = 2}, {}))
        == id_list{4, 3});
}

TEST_CASE("with `after` alone the oldest come first, with both the newest") {
  auto all = newest_first(9);
  CHECK(ids(list_page(all, {.after_s = 500, .per_page = 2}, {}))
        == id_list{6, 7});
  CHECK(
    ids(list_page(all, {.before_s = 900, .after_s = 500, .per_page = 2}, {}))
    == id_list{8, 7});
}

TEST_CASE("bounds leave their own second out unless told otherwise") {
  auto all = newest_first(9);
  auto query = list_query{.before_s = 700, .after_s = 500};
  CHECK(ids(list_page(all, query, {})) == id_list{6});
  CHECK(ids(list_page(all, query, {.inclusive_bounds = true}))
        == id_list{7, 6, 5});
}

TEST_CASE("pages count from one and end with an empty one") {
  auto all = newest_first(5);
  CHECK(ids(list_page(all, {.page = 2, .per_page = 2}, {})) == id_list{3, 2});
  CHECK(ids(list_page(all, {.page = 3, .per_page = 2}, {})) == id_list{1});
  CHECK(list_page(all, {.page = 4, .per_page = 2}, {}).empty());
  CHECK(list_page(all, {.page = 1'000'000, .per_page = 200}, {}).empty());
}

TEST_CASE("what only its owner may see needs the scope for it") {
  auto all = newest_first(20);
  CHECK(list_page(all, {}, {}).size() == 18);
  CHECK(list_page(all, {.with_only_me = true}, {}).size() == 20);
}

TEST_CASE("short pages lose nothing and are never empty before the end") {
  auto all = newest_first(1'000);
  auto rules = list_rules{.short_page_rate = .7, .seed = 3};
  auto seen = std::vector<std::int64_t>{};
  auto short_pages = 0;
  for (auto page = 1U;; ++page) {
    auto items = list_page(
      all, {.page = page, .per_page = 50, .with_only_me = true}, rules);
    if (items.empty())
      break;
    short_pages += items.size() < 50 ? 1 : 0;
    for (auto id : ids(items))
      seen.push_back(id);
  }
  CHECK(short_pages > 5);
  CHECK(seen.size() == 1'000);
  CHECK(std::ranges::is_sorted(seen, std::greater{}));
}

TEST_CASE("edits take their place in the order and can be taken back") {
  auto history = athlete_history{
    newest_first(3), [](std::int32_t slot) { return std::to_string(slot); }};
  history.put({77, 150, false, 0}, "late upload");
  history.put({3, 50, true, 0}, "moved");
  REQUIRE(history.entries().size() == 4);
  CHECK(history.json(history.entries()[0]) == "2");
  CHECK(history.json(history.entries()[1]) == "late upload");
  CHECK(history.json(history.entries()[3]) == "moved");
  CHECK(history.entries()[3].only_me);
  CHECK(history.erase(77));
  CHECK_FALSE(history.erase(77));
  CHECK(history.find(77) == nullptr);
}
