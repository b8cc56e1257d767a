#include "actors/api/activities.hpp"

#include "actors/api/records.hpp"
#include "tests/actors/api/fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <vector>

using namespace stravasync;
using query::v1::Activity;
using query::v1::ActivityList;
using query::v1::GetActivity;
using query::v1::GetStats;
using query::v1::ListActivities;
using query::v1::Stats;

namespace {

struct fixture : test::api_fixture {
  using ids = std::vector<std::int64_t>;

  activities_actor uut
    = keep(system().spawn(stravasync::activities, context(), store, cipher));

  /// Activity `id` starts `id` seconds after t0.
  void add(std::int64_t id, const std::string& sport = "Run",
           std::optional<std::int64_t> deleted_at_ms = {}) {
    change([&](transaction& tx) -> caf::error {
      auto made = tx.activities().create({.id = id,
                                          .athlete_id = who,
                                          .sport_type = sport,
                                          .start_at_ms = t0 + id * 1'000,
                                          .start_local_at_ms = t0,
                                          .distance_m = 10,
                                          .deleted_at_ms = deleted_at_ms,
                                          .raw = R"({"id":1})"});
      return made ? caf::error{} : made.error();
    });
  }

  static ListActivities question(std::uint32_t limit = 2) {
    ListActivities result;
    result.set_athlete_id(who);
    result.set_limit(limit);
    return result;
  }

  caf::expected<ActivityList> list(const ListActivities& x) {
    return ask<ActivityList>(uut, x);
  }

  ids ids_of(const ListActivities& x) {
    auto got = list(x);
    REQUIRE(got);
    ids result;
    for (const auto& one : got->items())
      result.push_back(one.id());
    return result;
  }

  caf::expected<Activity> get(std::int64_t id, bool include_raw = false) {
    GetActivity x;
    x.set_id(id);
    x.set_include_raw(include_raw);
    return ask<Activity>(uut, x);
  }

  caf::expected<Stats> stats() {
    GetStats x;
    x.set_athlete_id(who);
    return ask<Stats>(uut, x);
  }
};

template <class T>
ec code(const caf::expected<T>& got) {
  return got ? ec::none : code_of(got.error());
}

} // namespace

TEST_CASE_METHOD(fixture, "activities are listed newest first, page by page",
                 "[activities]") {
  add_athlete();
  for (auto id = 1; id <= 5; ++id)
    add(id);
  auto x = question();
  ids seen;
  do {
    auto page = list(x);
    REQUIRE(page);
    for (const auto& one : page->items()) {
      seen.push_back(one.id());
      CHECK(one.raw().empty());
    }
    x.set_cursor(page->next_cursor());
    // What comes meanwhile is newer than the cursor, and moves nothing.
    add(100 + static_cast<std::int64_t>(seen.size()));
  } while (!x.cursor().empty() && seen.size() < 9);
  CHECK(seen == ids{5, 4, 3, 2, 1});
}

TEST_CASE_METHOD(fixture, "filters hold together", "[activities]") {
  add_athlete();
  add(1, "Ride");
  add(2);
  add(3);
  add(4, "Ride");
  add(5, "Run", t0);
  auto x = question(9);
  CHECK(ids_of(x) == ids{4, 3, 2, 1});
  x.set_from_ms(t0 + 2'000);
  x.set_to_ms(t0 + 4'000);
  CHECK(ids_of(x) == ids{3, 2});
  x.set_sport_type("Ride");
  CHECK(ids_of(x).empty());
  x.clear_from_ms();
  CHECK(ids_of(x) == ids{1});
}

TEST_CASE_METHOD(fixture, "a sport that is none is a mistake, not a filter",
                 "[activities]") {
  add_athlete();
  add(1, "Underwater Hockey");
  auto x = question();
  x.set_sport_type("Underwater Hockey");
  CHECK(ids_of(x) == ids{1});
  x.set_sport_type("Yoga");
  CHECK(ids_of(x).empty());
  x.set_sport_type("run");
  auto got = list(x);
  REQUIRE(code(got) == ec::invalid_argument);
  CHECK(detail_of(got.error()).starts_with("sport_type: "));
  CHECK(detail_of(got.error()).find("Underwater Hockey") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a list's cursor is taken by that list alone",
                 "[activities]") {
  add_athlete();
  auto cursor = GENERATE_COPY(values<std::string>(
    {"rubbish", ".", "0_0.", "1_2.beef", std::string(10'000, '_'),
     encode_cursor({std::int64_t{1}}, *cipher),
     encode_cursor({t0, std::int64_t{1}, std::int64_t{2}}, *cipher),
     encode_cursor({t0, std::int64_t{1}}, *test::cipher_of(2))}));
  auto x = question();
  x.set_cursor(cursor);
  auto got = list(x);
  REQUIRE(code(got) == ec::invalid_argument);
  CHECK(detail_of(got.error()).starts_with("cursor: "));
}

TEST_CASE_METHOD(fixture,
                 "an activity comes with its JSON if that is asked for",
                 "[activities]") {
  add_athlete();
  add(1);
  add(2, "Run", t0);
  REQUIRE(get(1));
  CHECK(get(1)->raw().empty());
  CHECK(get(1, true)->raw() == R"({"id":1})");
  CHECK(code(get(2)) == ec::not_found);
  CHECK(code(get(3)) == ec::not_found);
}

TEST_CASE_METHOD(fixture, "totals count what is there", "[activities]") {
  add_athlete();
  CHECK(stats()->totals_size() == 0);
  add(1);
  add(2);
  add(3, "Ride");
  add(4, "Ride", t0);
  auto got = stats();
  REQUIRE(got);
  REQUIRE(got->totals_size() == 2);
  CHECK(got->totals(0).sport_type() == "Run");
  CHECK(got->totals(0).count() == 2);
  CHECK(got->totals(0).distance_m() == 20);
  CHECK(got->totals(0).month().empty());
  CHECK(got->totals(1).count() == 1);
  REQUIRE(got->months_size() == 2);
  CHECK(got->months(0).month() == "2023-11");
}

TEST_CASE_METHOD(fixture, "nobody has activities who is not there",
                 "[activities]") {
  CHECK(code(list(question())) == ec::not_found);
  CHECK(code(stats()) == ec::not_found);
  add_athlete();
  CHECK(code(list(question(0))) == ec::invalid_argument);
  CHECK(code(list(question())) == ec::none);
}

TEST_CASE_METHOD(fixture, "without a store there are no activities",
                 "[activities]") {
  add_athlete();
  add(1);
  SECTION("it is down, as its guardian says") {
    *no_reads = true;
  }
  SECTION("its guardian is gone") {
    stop(store.reader);
  }
  CHECK(code(list(question())) == ec::unavailable);
  CHECK(code(get(1)) == ec::unavailable);
  CHECK(code(stats()) == ec::unavailable);
}

TEST_CASE_METHOD(fixture,
                 "lists and totals of activities wait for a long "
                 "reader, a single activity does not",
                 "[activities]") {
  add_athlete();
  add(1);
  uut = keep(system().spawn(stravasync::activities, context(),
                            with_endless_readers(), cipher));
  auto listed = ask_later<ActivityList>(uut, question());
  GetStats of_athlete;
  of_athlete.set_athlete_id(who);
  auto totals = ask_later<Stats>(uut, of_athlete);
  run();
  CHECK(get(1));
  CHECK(get(1, true));
  CHECK_FALSE(listed.came());
  CHECK_FALSE(totals.came());
}
