#include "actors/roles/process_limits.hpp"

#include "tests/support/silent_log.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace stravasync;

TEST_CASE("connections are left as they are set if files suffice") {
  settings config;
  test::silent_log journal;
  fit_open_files(config, 1'048'576, journal);
  CHECK(config.http.connections_max == settings{}.http.connections_max);
  fit_open_files(config, 0, journal); // Nobody knows.
  CHECK(config.http.connections_max == settings{}.http.connections_max);
}

TEST_CASE("connections leave files for everything else") {
  settings config;
  test::silent_log journal;
  config.store.readers = 3;
  config.strava.connections_max = 10;
  fit_open_files(config, 1'024, journal);
  // 128, 4 for each session of the store, 2 for each connection to Strava; a
  // third of the others may be streams.
  CHECK(config.http.streams_max == 286);
  CHECK(config.http.connections_max == 1'024 - 128 - 16 - 20 - 286);
  config.http.connections_max = 500;
  config.http.streams_max = 300;
  fit_open_files(config, 1'024, journal);
  CHECK(config.http.connections_max == 500);
  CHECK(config.http.streams_max == 300);
}

TEST_CASE("one connection is left however few files there are") {
  settings config;
  test::silent_log journal;
  fit_open_files(config, 20, journal);
  CHECK(config.http.connections_max == 1);
  CHECK(config.http.streams_max == 1);
}
