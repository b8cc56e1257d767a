#pragma once

#include "tests/contracts/bus_contract.hpp"
#include "tests/contracts/bus_probe.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

namespace stravasync::test {

struct streams_fixture {
  streams_fixture() : fixture(make_bus_fixture()), bus(fixture->open()) {
  }

  void reopen() {
    bus = bus_probe{nullptr};
    bus = bus_probe{fixture->open()};
  }

  void make(stream_config config) {
    REQUIRE(bus.ensure(std::move(config)));
  }

  std::unique_ptr<bus_fixture> fixture;
  bus_probe bus;
};

inline const auto jobs = stream_config{.name = "JOBS", .subjects = "jobs.>"};

[[nodiscard]] inline std::vector<std::string>
payloads(const std::vector<stored_message>& messages) {
  std::vector<std::string> result;
  for (const auto& m : messages)
    result.push_back(m.message.payload);
  return result;
}

using texts = std::vector<std::string>;

} // namespace stravasync::test
