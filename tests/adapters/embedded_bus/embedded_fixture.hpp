#pragma once

#include "adapters/embedded_bus/embedded_bus.hpp"
#include "tests/adapters/embedded_bus/log_lines.hpp"
#include "tests/contracts/bus_probe.hpp"
#include "tests/support/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

namespace stravasync::test {

/// Both clocks of a bus, moved by hand.
class manual_clock {
public:
  void advance(milliseconds by) {
    *passed_ += by.count();
  }

  /// As an operator or NTP does: the steady clock stays.
  void set_wall(milliseconds by) {
    *wall_offset_ += by.count();
  }

  void attach(embedded_bus::options& options) const {
    options.wall = [=, p = passed_, w = wall_offset_] {
      return 1'700'000'000'000 + *p + *w;
    };
    options.steady = [p = passed_] { return milliseconds{1'000 + *p}; };
  }

private:
  std::shared_ptr<std::atomic<std::int64_t>> passed_
    = std::make_shared<std::atomic<std::int64_t>>(0);
  std::shared_ptr<std::atomic<std::int64_t>> wall_offset_
    = std::make_shared<std::atomic<std::int64_t>>(0);
};

/// An embedded bus in a folder of its own. `probe` is empty until `open`.
struct embedded_fixture {
  /// Opens, or opens again. Throws if that fails.
  void open() {
    close();
    auto opened = embedded_bus::open(options, log);
    if (!opened)
      throw std::runtime_error(detail_of(opened.error()));
    bus = bus_probe{std::move(*opened)};
  }

  void close() {
    bus = bus_probe{nullptr};
  }

  [[nodiscard]] std::string path() const {
    return folder.file("bus.db");
  }

  scratch_folder folder;
  log_lines log;
  embedded_bus::options options{.path = path()};
  bus_probe bus{nullptr};
};

/// A bus whose clocks stand still until they are moved.
struct time_fixture : embedded_fixture {
  time_fixture() {
    clock.attach(options);
    open();
  }

  /// Moves the clocks and lets the engine see it.
  void advance(milliseconds by) {
    clock.advance(by);
    touch();
  }

  /// Any call makes the engine look at the clocks; the second is answered after
  /// the deliveries of the first's turn.
  void touch() {
    for (auto i = 0; i < 2; ++i)
      REQUIRE(bus.keys("TOUCH"));
  }

  void publish(const std::string& id = "") {
    REQUIRE(bus.publish(message("jobs.a", "x", id)));
  }

  manual_clock clock;
};

inline const auto jobs_stream = stream_config{.name = "JOBS",
                                              .subjects = "jobs.>"};

} // namespace stravasync::test
