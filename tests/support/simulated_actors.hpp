#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/protocols/activities.hpp"
#include "actors/protocols/athletes.hpp"
#include "config/settings.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/lockstep_bus.hpp"
#include "tests/support/simulated_strava.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// What the actors of a simulated node have around them.
struct simulated_world {
  /// Midnight UTC, 1 January 2026: where time begins.
  static constexpr auto begin_ms = stravasync::unix_ms{1'767'225'600'000};

  std::shared_ptr<stravasync::unix_ms> now;
  std::shared_ptr<lockstep_bus> bus;
  std::shared_ptr<simulated_strava> strava;
  std::shared_ptr<const stravasync::token_cipher> cipher;
  std::shared_ptr<stravasync::log> log;
  std::string store_path;
};

/// The actors of the api, the consumer and the worker group that time has
/// something to do with, without guardians: nothing is lost here. This node
/// leads the schedules for ever.
class simulated_actors {
public:
  simulated_actors(deterministic_system& system, stravasync::settings config,
                   simulated_world around);
  ~simulated_actors();

  simulated_actors(const simulated_actors&) = delete;
  simulated_actors& operator=(const simulated_actors&) = delete;

  stravasync::athletes_actor athletes;
  stravasync::activities_actor activities;

private:
  template <class... Args>
  auto spawn(Args&&... args);

  stravasync::outbox_relay_actor add_store();
  void add_api(const stravasync::outbox_relay_actor& relay);
  void add_consumer();
  void add_worker();
  [[nodiscard]] std::int64_t overlap_s() const;

  deterministic_system& system_;
  stravasync::settings config_;
  simulated_world around_;
  stravasync::actor_context context_;
  std::shared_ptr<stravasync::bus> bus_;
  stravasync::store_access store_;
  stravasync::tokens_actor tokens_;
  std::vector<caf::actor> all_;
};

} // namespace test
