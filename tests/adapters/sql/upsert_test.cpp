#include "adapters/sql/upsert.hpp"

#include "adapters/sql/entities.hpp"

#include <catch2/catch_test_macros.hpp>

namespace stravasync::sql {

namespace {

activity fetched(unix_ms at_ms, const std::string& name = "ride") {
  return {.id = 1, .name = name, .fetched_at_ms = at_ms};
}

activity deleted(unix_ms at_ms) {
  auto row = fetched(100);
  row.deleted_at_ms = at_ms;
  return row;
}

} // namespace

TEST_CASE("an older answer leaves the row alone, whatever it says") {
  CHECK(step_for(fetched(101), fetched(100)) == upsert_step::leave);
  CHECK(step_for(fetched(101), fetched(100, "x")) == upsert_step::leave);
}

TEST_CASE("an answer that says the same only advances the time") {
  CHECK(step_for(fetched(100), fetched(101)) == upsert_step::advance_guard);
  CHECK(step_for(fetched(100), fetched(100)) == upsert_step::leave);
  CHECK(step_for(fetched(100), fetched(101), 100) == upsert_step::leave);
  CHECK(step_for(fetched(100), fetched(101), 101)
        == upsert_step::advance_guard);
}

TEST_CASE("an answer of the same time or later overwrites") {
  CHECK(step_for(fetched(100), fetched(101, "x")) == upsert_step::overwrite);
  CHECK(step_for(fetched(100), fetched(100, "x")) == upsert_step::overwrite);
}

TEST_CASE("a tombstone yields only to an answer from after the deletion") {
  CHECK(step_for(deleted(200), fetched(150)) == upsert_step::leave);
  CHECK(step_for(deleted(200), fetched(199, "x")) == upsert_step::leave);
  CHECK(step_for(deleted(200), fetched(200)) == upsert_step::overwrite);
  CHECK(step_for(deleted(50), fetched(100)) == upsert_step::overwrite);
}

TEST_CASE("nobody's row becomes another's") {
  auto stolen = fetched(101, "x");
  stolen.athlete_id = 8;
  CHECK(step_for(fetched(100), stolen) == upsert_step::leave);
}

TEST_CASE("without a guard any difference overwrites") {
  auto row = athlete{.id = 1, .name = "Ada"};
  CHECK(step_for(row, row) == upsert_step::leave);
  CHECK(step_for(row, athlete{.id = 1}) == upsert_step::overwrite);
}

} // namespace stravasync::sql
