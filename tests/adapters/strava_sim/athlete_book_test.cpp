#include "adapters/strava_sim/athlete_book.hpp"

#include "adapters/strava_sim/activity_edit.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace stravasync::strava_sim;

namespace {

athlete_book small_book() {
  return athlete_book{
    {.activities_per_athlete = 20, .held_activities_max = 100}, {}};
}

std::string newest(athlete_book& book, std::int64_t id) {
  const auto& history = book.find(id).history;
  return history.json(history.entries().front());
}

} // namespace

TEST_CASE("an athlete who was forgotten is the same again") {
  auto book = small_book();
  auto first = newest(book, 1);
  auto profile = book.find(1).detailed_json;
  for (auto id = 2; id < 60; ++id)
    book.find(id);
  CHECK(newest(book, 1) == first);
  CHECK(book.find(1).detailed_json == profile);
}

TEST_CASE("an athlete who was edited is never forgotten") {
  auto book = small_book();
  auto added = read_activity(book.invent(1, 1'900'000'000, "Ride"));
  REQUIRE(added);
  book.put(1, added->entry, added->json);
  auto hidden = book.find(2).history.entries().front().id;
  CHECK(book.erase(2, hidden));
  for (auto id = 3; id < 60; ++id)
    book.find(id);
  CHECK(newest(book, 1) == added->json);
  CHECK(book.find(2).history.find(hidden) == nullptr);
}

TEST_CASE("an athlete with more activities than may be held can be used") {
  auto book = athlete_book{
    {.activities_per_athlete = 500, .held_activities_max = 100}, {}};
  for (auto round = 0; round < 3; ++round)
    for (auto id = 1; id <= 3; ++id)
      CHECK(book.find(id).history.entries().size() == 500);
}

TEST_CASE("an invented activity is of the sport and at the time asked for") {
  auto book = small_book();
  auto read = read_activity(book.invent(5, 1'600'000'000, "NordicSki"));
  REQUIRE(read);
  CHECK(read->athlete_id == 5);
  CHECK(read->entry.start_s == 1'600'000'000);
  CHECK(read->json.find("\"sport_type\":\"NordicSki\"") != std::string::npos);
}
