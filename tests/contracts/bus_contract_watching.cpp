#include "tests/contracts/bus_contract.hpp"
#include "tests/contracts/bus_probe.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

using namespace stravasync;
using namespace stravasync::test;
using namespace std::chrono_literals;

namespace {

using values = std::map<std::string, std::string>;

struct watching_fixture {
  watching_fixture() : fixture(make_bus_fixture()), bus(fixture->open()) {
  }

  /// Writes whatever the revision is. @returns the new one.
  std::uint64_t put(const std::string& key, const std::string& value,
                    const std::string& bucket = "BUDGET") {
    auto now = bus.get(bucket, key);
    REQUIRE(now);
    auto put = bus.put(bucket, key, value,
                       now->has_value() ? (*now)->revision : 0);
    REQUIRE(put);
    return *put;
  }

  std::unique_ptr<bus_fixture> fixture;
  bus_probe bus;
};

/// What somebody knows who was told all this. Deletions of what one never
/// heard of may be among it.
values known(const watch_reader& watch) {
  values result;
  for (const auto& change : watch.in->all())
    if (change.value)
      result.insert_or_assign(change.key, *change.value);
    else
      result.erase(change.key);
  return result;
}

bool in_order(const watch_reader& watch) {
  auto all = watch.in->all();
  return std::ranges::is_sorted(all, std::ranges::less_equal{},
                                &key_value_change::revision);
}

} // namespace

TEST_CASE_METHOD(watching_fixture, "a watch begins with what there is",
                 "[bus]") {
  put("c", "gone");
  put("a", "old");
  put("b", "one");
  put("a", "new");
  REQUIRE(bus.erase("BUDGET", "c"));
  put("d", "elsewhere", "OTHER_BUCKET");
  auto watch = bus.watch("BUDGET");
  auto expected = values{{"a", "new"}, {"b", "one"}};
  CHECK(eventually([&] { return known(watch) == expected; }));
  CHECK(in_order(watch));
}

TEST_CASE_METHOD(watching_fixture, "a watch is told each change", "[bus]") {
  put("z", "there");
  auto watch = bus.watch("BUDGET");
  REQUIRE(watch.in->at(0).key == "z");
  auto first = put("a", std::string{"one\0\xff", 5});
  auto told = watch.in->at(1);
  CHECK(told.key == "a");
  CHECK(told.value == std::string{"one\0\xff", 5});
  CHECK(told.revision == first);
  auto second = put("a", "");
  told = watch.in->at(2);
  CHECK(told.value == "");
  CHECK(told.revision == second);
  REQUIRE(bus.erase("BUDGET", "a"));
  told = watch.in->at(3);
  CHECK(told.key == "a");
  CHECK_FALSE(told.value);
  CHECK(told.revision > second);
  auto third = put("a", "again");
  CHECK(watch.in->at(4).revision == third);
  CHECK(third > told.revision);
  CHECK(in_order(watch));
}

TEST_CASE_METHOD(watching_fixture, "an empty bucket can be watched", "[bus]") {
  auto watch = bus.watch("BUDGET");
  CHECK_FALSE(watch.in->wait_for(1, 200ms));
  put("b", "other", "OTHER_BUCKET");
  put("a", "one");
  auto told = watch.in->at(0);
  CHECK(told.key == "a");
  CHECK(told.value == "one");
}

TEST_CASE_METHOD(watching_fixture, "what changes nothing is not told",
                 "[bus]") {
  put("a", "one");
  auto watch = bus.watch("BUDGET");
  REQUIRE(watch.in->wait_for(1));
  CHECK(failure_code(bus.put("BUDGET", "a", "two", 0)) == ec::conflict);
  REQUIRE(bus.erase("BUDGET", "none"));
  put("b", "last");
  CHECK(watch.in->at(1).key == "b");
}

TEST_CASE_METHOD(watching_fixture, "every watch sees everything in order",
                 "[bus]") {
  auto one = bus.watch("BUDGET");
  values expected;
  for (auto i = 0; i < 100; ++i) {
    auto key = "k" + std::to_string(i % 7);
    put(key, std::to_string(i));
    expected.insert_or_assign(key, std::to_string(i));
  }
  REQUIRE(bus.erase("BUDGET", "k3"));
  expected.erase("k3");
  auto two = bus.watch("BUDGET");
  CHECK(eventually([&] { return known(one) == expected; }));
  CHECK(eventually([&] { return known(two) == expected; }));
  CHECK(in_order(one));
  CHECK(in_order(two));
}

TEST_CASE_METHOD(watching_fixture, "a watch is called by one at a time",
                 "[bus]") {
  auto inside = std::make_shared<std::atomic<int>>(0);
  auto most = std::make_shared<std::atomic<int>>(0);
  auto last = std::make_shared<std::atomic<bool>>(false);
  auto watch = bus.watch("BUDGET", [=](const key_value_change& change) {
    *most = std::max(most->load(), ++*inside);
    std::this_thread::yield();
    --*inside;
    if (change.key == "last")
      *last = true;
  });
  REQUIRE(watch);
  std::vector<std::thread> writers;
  for (auto i = 0; i < 3; ++i)
    writers.emplace_back([&, key = "k" + std::to_string(i)] {
      auto revision = std::uint64_t{0};
      for (auto n = 0; n < 50; ++n)
        if (auto put = bus.put("BUDGET", key, "x", revision))
          revision = *put;
    });
  for (auto& writer : writers)
    writer.join();
  put("last", "x");
  CHECK(eventually([&] { return last->load(); }));
  CHECK(*most == 1);
}

TEST_CASE_METHOD(watching_fixture, "no callback outlives its watch", "[bus]") {
  put("a", "one");
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto late = std::make_shared<std::atomic<int>>(0);
  for (auto round = 0; round < 10; ++round) {
    *ended = false;
    auto count = std::make_shared<std::atomic<int>>(0);
    auto watch = bus.watch("BUDGET", [=](const key_value_change&) {
      ++*count;
      std::this_thread::yield();
      if (*ended)
        ++*late;
    });
    REQUIRE(watch);
    REQUIRE(eventually([&] { return *count > 0; }));
    auto now = bus.get("BUDGET", "a");
    REQUIRE(now);
    bus.raw().put("BUDGET", "a", std::to_string(round), (*now)->revision,
                  nullptr);
    watch = caf::expected<std::shared_ptr<key_value_watch>>{nullptr};
    *ended = true;
  }
  put("b", "two");
  CHECK(*late == 0);
}

TEST_CASE_METHOD(watching_fixture, "a callback may end its watch", "[bus]") {
  auto count = std::make_shared<std::atomic<int>>(0);
  auto mine = std::make_shared<std::shared_ptr<key_value_watch>>();
  auto watch = bus.watch("BUDGET", [=](const key_value_change&) {
    ++*count;
    mine->reset();
  });
  REQUIRE(watch);
  *mine = std::move(*watch);
  auto other = bus.watch("BUDGET");
  put("a", "one");
  put("a", "two");
  CHECK(eventually([&] { return known(other)["a"] == "two"; }));
  // Two watches hear of a change at moments of their own.
  CHECK(eventually([&] { return *count > 0; }));
  CHECK(*count == 1);
}

TEST_CASE_METHOD(watching_fixture, "what is no bucket cannot be watched",
                 "[bus]") {
  auto ignore = [](const key_value_change&) {};
  CHECK(failure_code(bus.watch("lower", ignore)) == ec::invalid_argument);
  CHECK(failure_code(bus.watch("", ignore)) == ec::invalid_argument);
}
