#pragma once

#include "actors/kit/supervisor.hpp"
#include "tests/actors/kit/fixture.hpp"

#include <optional>

namespace test {

/// A supervisor over subjects. Back-off: exactly 100 ms, 200 ms, ... 1 s.
struct supervisor_fixture : kit_fixture {
  kit::supervisor_config config{
    .path = "/top",
    .intensity = {.restarts_max = 5, .period = std::chrono::seconds{60}},
    .backoff = {.min = std::chrono::milliseconds{100},
                .max = std::chrono::seconds{1}},
    .observer = observer(),
    .random01 = no_jitter,
  };
  std::vector<kit::child_spec> specs;
  kit::supervisor_actor uut;

  ~supervisor_fixture() {
    if (uut)
      stop(uut, caf::exit_reason::kill); // Also those who ignore exits.
  }

  /// Starts the supervisor and watches for its end.
  void start() {
    uut = kit::spawn_supervisor(system(), config, specs);
    self()->monitor(uut);
    run();
  }

  void add(const std::string& called,
           kit::restart_kind restart = kit::restart_kind::permanent) {
    specs.push_back(subject_child(called, restart));
  }

  std::vector<kit::actor_node> children() {
    auto list = ask<kit::child_list>(uut, kit::get_children{});
    REQUIRE(list);
    return list->children;
  }

  /// "a=up b=down"
  std::string states() {
    std::string result;
    for (const auto& child : children())
      result += (result.empty() ? "" : " ")
                + child.path.substr(child.path.rfind('/') + 1) + '='
                + kit::to_string(child.state);
    return result;
  }

  /// Makes the child of this name throw while it handles a request.
  void crash_child(const std::string& called) {
    auto child = stage->running.at(called);
    const auto answer = ask<int>(child, crash{});
    REQUIRE(!answer);
  }

  /// @returns the supervisor's exit reason if it has ended.
  std::optional<caf::error> ended() {
    std::optional<caf::error> result;
    if (self()->peek_at_next_mailbox_element())
      self()->receive([&](caf::down_msg& down) { result = down.reason; });
    if (result)
      uut = nullptr;
    return result;
  }
};

} // namespace test
