#pragma once

#include "tests/contracts/bus_contract.hpp"
#include "tests/contracts/bus_probe.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace stravasync::test {

/// One stream that takes "jobs.>".
struct consumers_fixture {
  consumers_fixture() : fixture(make_bus_fixture()), bus(fixture->open()) {
    REQUIRE(bus.ensure({.name = "JOBS", .subjects = "jobs.>"}));
  }

  void reopen() {
    bus = bus_probe{nullptr};
    bus = bus_probe{fixture->open()};
  }

  void publish(std::size_t count, const std::string& subject = "jobs.a") {
    REQUIRE(bus.publish_many(subject, count) == count);
  }

  durable_state state(const std::string& durable) {
    for (const auto& found : bus.describe("JOBS").durables)
      if (found.name == durable)
        return found;
    throw std::runtime_error("no durable " + durable);
  }

  std::unique_ptr<bus_fixture> fixture;
  bus_probe bus;
};

[[nodiscard]] inline consumer_options durable(std::string name) {
  return {.stream = "JOBS", .durable = std::move(name)};
}

/// @returns `count` numbers from `first` on.
[[nodiscard]] inline std::vector<std::uint64_t>
numbers(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> result(count);
  std::iota(result.begin(), result.end(), first);
  return result;
}

} // namespace stravasync::test
