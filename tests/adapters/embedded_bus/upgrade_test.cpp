#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace stravasync;
using namespace stravasync::test;

TEST_CASE_METHOD(embedded_fixture, "a database of version 1 goes on",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  REQUIRE(bus.publish_many("jobs.a", 3) == 3);
  bus.join({.stream = "JOBS", .durable = "d"}).on.reset();
  close();
  SQLite::Database{path(), SQLite::OPEN_READWRITE}.exec(
    "ALTER TABLE stream DROP COLUMN removed;"
    "ALTER TABLE durable DROP COLUMN ack_wait_ms;"
    "ALTER TABLE durable DROP COLUMN max_ack_pending;"
    "ALTER TABLE durable DROP COLUMN max_deliver;"
    "PRAGMA user_version=1");
  for (auto round = 0; round < 2; ++round) {
    open();
    auto same = bus.ensure(jobs_stream);
    REQUIRE(same);
    CHECK_FALSE(*same);
    CHECK(bus.describe("JOBS").messages == 3);
    CHECK(bus.join({.stream = "JOBS", .durable = "d"}).on != nullptr);
  }
}

TEST_CASE_METHOD(embedded_fixture, "a watch learns what a lost file held",
                 "[embedded_bus]") {
  options.tick = milliseconds{20};
  open();
  REQUIRE(bus.put("BUDGET", "a", "one", 0));
  auto watch = bus.watch("BUDGET");
  auto before = watch.in->at(0).revision;
  std::filesystem::remove(path());
  std::filesystem::remove(path() + "-wal");
  auto told = watch.in->at(1);
  CHECK(told.key == "a");
  CHECK_FALSE(told.value);
  CHECK(told.revision > before);
  REQUIRE(eventually([&] { return bool{bus.put("BUDGET", "a", "two", 0)}; }));
  CHECK(watch.in->at(2).value == "two");
}
