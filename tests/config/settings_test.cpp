#include "config/settings.hpp"

#include "tests/config/settings_fixture.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

using namespace stravasync;
using test::settings_fixture;

namespace {

constexpr auto day = std::chrono::hours{24};

} // namespace

TEST_CASE("runs stay a day longer than anything that may tell of them") {
  settings config;
  CHECK(config.runs_max_age() == 91 * day); // For the dead letters.
  auto& bus = config.bus;
  for (auto* longest : {&bus.ingest.max_age, &bus.events.max_age,
                        &bus.dlq.max_age, &config.sync.delete_second_look}) {
    auto before = *longest;
    *longest = 200 * day;
    CHECK(config.runs_max_age() == 201 * day);
    *longest = before;
  }
  // A job that comes too late is no page.
  bus.jobs.max_age = 200 * day;
  CHECK(config.runs_max_age() == 91 * day);
}

TEST_CASE("runs stay as long as they are told to if that is long enough") {
  settings config;
  config.store.runs_max_age = 92 * day;
  CHECK(config.runs_max_age() == 92 * day);
  config.store.runs_max_age = 2 * day;
  CHECK(config.runs_max_age() == 91 * day);
  config.bus.ingest.max_age = config.bus.events.max_age = day;
  config.bus.dlq.max_age = config.sync.delete_second_look = day;
  CHECK(config.runs_max_age() == 2 * day);
}

TEST_CASE("readers are as many as they are told to, or as there are cores") {
  store_settings config;
  auto by_cores = config.readers_count();
  CHECK(by_cores == std::clamp(std::thread::hardware_concurrency(), 3U, 8U));
  for (auto given : {1U, 2U, 32U}) {
    config.readers = given;
    CHECK(config.readers_count() == given);
  }
}

TEST_CASE_METHOD(settings_fixture, "limits on what grows arrive as they are "
                                   "set") {
  flag("store.runs_max_age", "3650d");
  flag("store.readers", "32");
  flag("http.held_bytes_max", "8MiB");
  auto values = loaded();
  CHECK(values.store.runs_max_age == 3'650 * day);
  CHECK(values.store.readers == 32);
  CHECK(values.http.held_bytes_max == std::uint64_t{8} << 20);
}

TEST_CASE_METHOD(settings_fixture, "limits on what grows are refused beyond "
                                   "their range, by name") {
  struct wrong {
    std::string name;
    std::string value;
    std::string allowed;
  };
  auto [name, value, allowed]
    = GENERATE(wrong{"store.runs_max_age", "23h", "1d to 3650d"},
               wrong{"store.runs_max_age", "3651d", "1d to 3650d"},
               wrong{"store.runs_max_age", "0s", "1d to 3650d"},
               wrong{"store.readers", "33", "0 to 32"},
               wrong{"store.readers", "-1", "0 to 32"},
               wrong{"http.held_bytes_max", "8191KiB", "8MiB to 64GiB"},
               wrong{"http.held_bytes_max", "65GiB", "8MiB to 64GiB"},
               wrong{"http.held_bytes_max", "0", "8MiB to 64GiB"});
  flag(name, value);
  INFO(refusal());
  CHECK(refusal().find(name + "=" + value) != std::string::npos);
  CHECK(refusal().ends_with("; allowed: " + allowed));
}
