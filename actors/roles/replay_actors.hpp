#pragma once

#include "actors/context.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/log.hpp"
#include "actors/ports/store.hpp"
#include "actors/replay/actors_target.hpp"
#include "config/settings.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/expected.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

/// A copy of the actors that handle deliveries, on a store and a bus of its own
/// in a scratch folder that goes away with it. Nothing in it reaches Strava or
/// the product's bus and store.
class replay_actors {
public:
  /// Blocks.
  [[nodiscard]] static caf::expected<std::unique_ptr<replay_actors>>
  open(const settings& config, std::shared_ptr<log> journal);

  replay_actors(const replay_actors&) = delete;
  replay_actors& operator=(const replay_actors&) = delete;
  ~replay_actors();

  /// @param recorded Where the recording is.
  /// @returns the actors for one target, which must end before this does.
  [[nodiscard]] caf::expected<local_actors>
  lend(std::shared_ptr<stream_catalog> recorded);

private:
  /// Removed last.
  class scratch {
  public:
    scratch();
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch();
    std::string path; // Empty: it could not be made.
  };

  replay_actors(const settings& config, std::shared_ptr<log> journal);

  caf::error open_scratch();
  delivery_handler_actor spawn(handler_kind kind);

  template <class Handle>
  Handle keep(Handle actor) {
    kept_.push_back(caf::actor_cast<caf::strong_actor_ptr>(actor));
    return actor;
  }

  // In the order in which they must outlive each other.
  scratch folder_;
  const settings& settings_;
  actor_context context_;
  std::shared_ptr<std::atomic<unix_ms>> now_
    = std::make_shared<std::atomic<unix_ms>>(0);
  std::shared_ptr<answer_at_hand> strava_ = std::make_shared<answer_at_hand>();
  std::shared_ptr<const strava_decoder> decoder_;
  store_opener open_store_;
  std::shared_ptr<bus> bus_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  store_session_actor session_;
  outbox_relay_actor relay_;
  std::vector<caf::strong_actor_ptr> kept_;
};

} // namespace stravasync
