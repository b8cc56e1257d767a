#pragma once

#include "actors/context.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_bus.hpp"
#include "tests/support/silent_log.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace test {

/// A deterministic system with a bus and a wall clock for the actors of a
/// group.
struct actor_fixture : deterministic_system {
  /// Midnight UTC of some day.
  static constexpr auto t0 = stravasync::unix_ms{1'700'006'400'000};

  std::shared_ptr<fake_bus> bus = std::make_shared<fake_bus>();
  std::shared_ptr<stravasync::unix_ms> now
    = std::make_shared<stravasync::unix_ms>(t0);

  ~actor_fixture() {
    // Whatever they wait for will not come.
    for (const auto& one : started_)
      self()->send_exit(one, caf::exit_reason::kill);
    run();
  }

  [[nodiscard]] stravasync::actor_context
  context(const std::string& node = "n1") const {
    return {{},
            std::make_shared<silent_log>(),
            [clock = now] { return *clock; },
            node};
  }

  /// Ends `started` with the fixture at the latest.
  template <class Handle>
  Handle keep(Handle started) {
    started_.push_back(caf::actor_cast<caf::actor>(started));
    return started;
  }

  /// Moves the wall clock and the timeouts.
  void pass(std::chrono::milliseconds by) {
    *now += by.count();
    advance(by);
  }

  /// @returns a place that gets the reason with which `whom` ends.
  template <class Handle>
  std::shared_ptr<std::optional<caf::error>> end_of(const Handle& whom) {
    auto result = std::make_shared<std::optional<caf::error>>();
    caf::actor_cast<caf::abstract_actor*>(whom)->attach_functor(
      [result](const caf::error& why) { *result = why; });
    return result;
  }

private:
  std::vector<caf::actor> started_;
};

} // namespace test
