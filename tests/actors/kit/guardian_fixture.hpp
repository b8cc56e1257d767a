#pragma once

#include "actors/kit/guardian.hpp"
#include "tests/actors/kit/fixture.hpp"

namespace test {

/// A guardian over the subject "a". Back-off: exactly 100 ms, 200 ms, ... 1 s.
struct guardian_fixture : kit_fixture {
  kit::guardian_config config{
    .path = "/store/session",
    .what = "the store",
    .backoff = {.min = std::chrono::milliseconds{100},
                .max = std::chrono::seconds{1}},
    .stop_deadline = std::chrono::seconds{1},
    .observer = observer(),
    .random01 = no_jitter,
  };
  caf::actor guardian;
  subject_actor uut; // The guardian, seen as what it guards.
  script& child = stage->scripts["a"];

  ~guardian_fixture() {
    if (guardian)
      stop(guardian, caf::exit_reason::kill);
  }

  void start() {
    spawn();
    run();
  }

  void spawn() {
    guardian = kit::spawn_guardian(system(), config, subject_factory("a"));
    uut = kit::guardian_as<subject_actor>(guardian);
  }

  caf::expected<int> ask_number(int value) {
    return ask<int>(uut, get_number{value});
  }

  void crash_child() {
    REQUIRE(!ask<int>(uut, crash{}));
  }

  std::string states() {
    return states_of("/store/session");
  }

  const kit::actor_event& last() {
    return last_event("/store/session");
  }
};

} // namespace test
