#include "tests/adapters/postgres/postgres_fixture.hpp"

#include <cmath>
#include <limits>

namespace stravasync::postgres {

namespace {

using contract::make_activity;

struct value_fixture : postgres_fixture {
  std::unique_ptr<store_session> session = make_database();

  value_fixture() {
    REQUIRE_FALSE(add_athlete(*session));
  }

  upsert_result store(const activity& row) const {
    auto result = std::vector<upsert_result>{};
    auto failure = session->write([&](transaction& tx) -> caf::error {
      auto done = tx.activities().upsert_many(std::span{&row, 1});
      if (!done)
        return done.error();
      result = *done;
      return caf::none;
    });
    REQUIRE(detail_of(failure) == "");
    return result.at(0);
  }

  activity load(std::int64_t id) const {
    auto result = std::optional<activity>{};
    auto failure = session->read([&](transaction& tx) -> caf::error {
      auto row = tx.activities().get({id});
      if (row)
        result = *row;
      return row ? caf::error{} : row.error();
    });
    REQUIRE(detail_of(failure) == "");
    REQUIRE(result);
    return *result;
  }
};

} // namespace

TEST_CASE_METHOD(value_fixture, "raw JSON comes back byte for byte, whatever "
                                "the bytes") {
  auto row = make_activity(1, 1);
  row.raw.clear();
  for (auto i = 0; i < 256; ++i)
    row.raw += static_cast<char>(i);
  row.raw += "\\x00 {\"a\":\"\\u0000\"}\r\n \xC3\xA9 \xFF";
  CHECK(store(row) == upsert_result::created);
  CHECK(load(1) == row);
  CHECK(store(row) == upsert_result::unchanged);
}

TEST_CASE_METHOD(value_fixture, "text that PostgreSQL refuses is stored with "
                                "what it refuses replaced") {
  auto row = make_activity(1, 1);
  const auto replaced = std::string{"\xEF\xBF\xBD"};
  row.name = std::string{"a\0b", 3} + "\xC3(" + "\xED\xA0\x80" + "\xF0\x9F\x9A";
  row.device_name = "\xC0\x80 \xF5 é 🚴 \xF4\x8F\xBF\xBF";
  CHECK(store(row) == upsert_result::created);
  auto stored = load(1);
  CHECK(stored.name
        == "a" + replaced + "b" + replaced + "(" + replaced + replaced
             + replaced + replaced + replaced + replaced);
  CHECK(stored.device_name
        == replaced + replaced + " " + replaced + " é 🚴 \xF4\x8F\xBF\xBF");
  CHECK(store(row) == upsert_result::unchanged);
}

TEST_CASE_METHOD(value_fixture, "numbers keep every bit") {
  using reals = std::numeric_limits<double>;
  using integers = std::numeric_limits<std::int64_t>;
  auto row = make_activity(integers::max(), 1);
  row.distance_m = 0.1 + 0.2;
  row.total_elevation_gain_m = reals::denorm_min();
  row.utc_offset_s = -reals::max();
  row.average_watts = -reals::infinity();
  row.start_at_ms = integers::min();
  row.moving_time_s = -1;
  CHECK(store(row) == upsert_result::created);
  CHECK(load(row.id) == row);
  row.average_watts = reals::quiet_NaN();
  CHECK(store(row) == upsert_result::updated);
  CHECK(std::isnan(*load(row.id).average_watts));
  row.average_watts.reset();
  row.deleted_at_ms = row.fetched_at_ms;
  CHECK(store(row) == upsert_result::updated);
  CHECK(load(row.id) == row);
}

TEST_CASE_METHOD(value_fixture, "a batch larger than one statement keeps the "
                                "order of its results") {
  auto rows = std::vector<activity>{};
  for (auto i = 0; i < 4'500; ++i)
    rows.push_back(make_activity(i, 1));
  rows.push_back(rows[7]);
  CHECK(store(rows[4'321]) == upsert_result::created);
  auto results = std::vector<upsert_result>{};
  CHECK_FALSE(session->write([&](transaction& tx) -> caf::error {
    results = std::move(*tx.activities().upsert_many(rows));
    return caf::none;
  }));
  REQUIRE(results.size() == rows.size());
  for (auto i = std::size_t{0}; i < results.size(); ++i) {
    auto known = i == 4'321 || i == 4'500;
    CHECK((results[i] == upsert_result::unchanged) == known);
  }
}

TEST_CASE_METHOD(value_fixture, "the JSON can be read in SQL") {
  auto row = make_activity(1, 1);
  row.raw = R"({"kudos_count": 7})";
  CHECK(store(row) == upsert_result::created);
  CHECK(number("SELECT convert_from(raw, 'UTF8')::jsonb ->> 'kudos_count'"
               " FROM activity")
        == 7);
}

} // namespace stravasync::postgres
