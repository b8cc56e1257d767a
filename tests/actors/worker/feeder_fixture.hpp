#pragma once

#include "actors/worker/feeder.hpp"
#include "messages/error.hpp"
#include "tests/actors/worker/scripted_athletes.hpp"
#include "tests/support/actor_fixture.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace stravasync {

/// Pages of four athletes, at most three publishes in flight.
struct feeder_fixture : test::actor_fixture {
  std::shared_ptr<leadership> role
    = std::make_shared<leadership>([] { return milliseconds{0}; });
  std::shared_ptr<athletes_script> athletes
    = std::make_shared<athletes_script>();
  feeder_actor uut = spawn_feeder();

  feeder_fixture() {
    role->grant(7, milliseconds{1});
  }

  feeder_actor spawn_feeder() {
    return keep(
      system().spawn(feeder, context(), std::shared_ptr<stravasync::bus>{bus},
                     role, keep(system().spawn(scripted_athletes, athletes)),
                     feeder_config{.publishers = 3, .athletes_page = 4}));
  }

  void add_athletes(std::int64_t count) {
    stravasync::add_athletes(*athletes, count);
  }

  caf::expected<fed_athletes> feed(unix_ms slot_ms = t0) {
    feed_athletes what;
    what.schedule = "hourly";
    what.slot_ms = slot_ms;
    return ask<fed_athletes>(uut, what);
  }

  [[nodiscard]] state::v1::ScheduleState progress() const {
    state::v1::ScheduleState result;
    result.ParseFromString(bus->value(schedules_bucket, "hourly"));
    return result;
  }

  [[nodiscard]] std::size_t jobs() const {
    return bus->stored("jobs.>").size();
  }
};

} // namespace stravasync
