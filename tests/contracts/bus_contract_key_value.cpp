#include "tests/contracts/bus_contract.hpp"
#include "tests/contracts/bus_probe.hpp"

#include <catch2/catch_test_macros.hpp>

#include <thread>

using namespace stravasync;
using namespace stravasync::test;

namespace {

struct buckets_fixture {
  buckets_fixture() : fixture(make_bus_fixture()), bus(fixture->open()) {
  }

  std::optional<key_value_entry> get(const std::string& key) {
    auto result = bus.get("BUDGET", key);
    REQUIRE(result);
    return *result;
  }

  std::unique_ptr<bus_fixture> fixture;
  bus_probe bus;
};

} // namespace

TEST_CASE_METHOD(buckets_fixture, "a key has no value at first", "[bus]") {
  CHECK_FALSE(get("a"));
  auto keys = bus.keys("BUDGET");
  REQUIRE(keys);
  CHECK(keys->empty());
  auto erased = bus.erase("BUDGET", "a");
  REQUIRE(erased);
  CHECK_FALSE(*erased);
}

TEST_CASE_METHOD(buckets_fixture, "a value is written by compare-and-swap",
                 "[bus]") {
  auto value = std::string{"one\0\xff", 5};
  auto first = bus.put("BUDGET", "a", value, 0);
  REQUIRE(first);
  CHECK(*first > 0);
  REQUIRE(get("a"));
  CHECK(get("a")->value == value);
  CHECK(get("a")->revision == *first);

  CHECK(failure_code(bus.put("BUDGET", "a", "two", 0)) == ec::conflict);
  CHECK(failure_code(bus.put("BUDGET", "a", "two", *first + 1))
        == ec::conflict);
  CHECK(failure_code(bus.put("BUDGET", "b", "two", 7)) == ec::conflict);
  CHECK(get("a")->value == value);

  auto second = bus.put("BUDGET", "a", "two", *first);
  REQUIRE(second);
  CHECK(*second > *first);
  CHECK(get("a")->value == "two");
  CHECK(failure_code(bus.put("BUDGET", "a", "three", *first)) == ec::conflict);
}

TEST_CASE_METHOD(buckets_fixture, "an erased key can be written anew",
                 "[bus]") {
  auto first = bus.put("BUDGET", "a", "one", 0);
  REQUIRE(first);
  auto erased = bus.erase("BUDGET", "a");
  REQUIRE(erased);
  CHECK(*erased);
  CHECK_FALSE(get("a"));
  CHECK(failure_code(bus.put("BUDGET", "a", "two", *first)) == ec::conflict);
  auto second = bus.put("BUDGET", "a", "two", 0);
  REQUIRE(second);
  CHECK(*second > *first);
  auto again = bus.erase("BUDGET", "a");
  REQUIRE(again);
  CHECK(*again);
}

TEST_CASE_METHOD(buckets_fixture, "keys are listed in order, per bucket",
                 "[bus]") {
  for (const auto* key : {"b.2", "a", "b.1", "gone"})
    REQUIRE(bus.put("BUDGET", key, "x", 0));
  REQUIRE(bus.put("OTHER_BUCKET", "c", "y", 0));
  REQUIRE(bus.erase("BUDGET", "gone"));
  auto keys = bus.keys("BUDGET");
  REQUIRE(keys);
  CHECK(*keys == std::vector<std::string>{"a", "b.1", "b.2"});
  auto other = bus.get("OTHER_BUCKET", "a");
  REQUIRE(other);
  CHECK_FALSE(other->has_value());
}

TEST_CASE_METHOD(buckets_fixture, "names that no bucket can have are refused",
                 "[bus]") {
  CHECK(failure_code(bus.put("lower", "a", "x", 0)) == ec::invalid_argument);
  CHECK(failure_code(bus.put("", "a", "x", 0)) == ec::invalid_argument);
  CHECK(failure_code(bus.put("BUDGET", "", "x", 0)) == ec::invalid_argument);
  CHECK(failure_code(bus.get("BUDGET", "a b")) == ec::invalid_argument);
  CHECK(failure_code(bus.erase("BUDGET", "a>")) == ec::invalid_argument);
}

TEST_CASE_METHOD(buckets_fixture, "values outlive the connection", "[bus]") {
  auto first = bus.put("BUDGET", "a", "one", 0);
  REQUIRE(first);
  REQUIRE(bus.put("BUDGET", "b", "two", 0));
  REQUIRE(bus.erase("BUDGET", "b"));
  bus = bus_probe{nullptr};
  bus = bus_probe{fixture->open()};
  REQUIRE(get("a"));
  CHECK(get("a")->value == "one");
  CHECK(get("a")->revision == *first);
  CHECK_FALSE(get("b"));
  auto next = bus.put("BUDGET", "a", "two", *first);
  REQUIRE(next);
  CHECK(*next > *first);
}

TEST_CASE_METHOD(buckets_fixture, "no concurrent increment is lost", "[bus]") {
  constexpr auto threads = 4;
  constexpr auto increments = 50;
  auto increment = [&] {
    while (true) {
      auto now = bus.get("BUDGET", "n");
      if (!now)
        return false;
      auto value = now->has_value() ? std::stoi((*now)->value) : 0;
      auto revision = now->has_value() ? (*now)->revision : 0;
      auto put = bus.put("BUDGET", "n", std::to_string(value + 1), revision);
      if (put || failure_code(put) != ec::conflict)
        return bool{put};
    }
  };
  std::vector<std::thread> running;
  for (auto i = 0; i < threads; ++i)
    running.emplace_back([&] {
      for (auto n = 0; n < increments; ++n)
        if (!increment())
          return;
    });
  for (auto& thread : running)
    thread.join();
  REQUIRE(get("n"));
  CHECK(get("n")->value == std::to_string(threads * increments));
}
