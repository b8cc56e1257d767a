#pragma once

#include "actors/context.hpp"
#include "actors/protocols/athletes.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace stravasync {

/// The state of an OAUTH CLIENT. Spawn it with `oauth_client`.
class oauth_client_state {
public:
  static inline constexpr const char* name = "oauth-client";

  explicit oauth_client_state(
    oauth_client_actor::stateful_pointer<oauth_client_state> self);

  oauth_client_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<strava_oauth> oauth);

private:
  void end_if_lost(const caf::error& why);

  oauth_client_actor::stateful_pointer<oauth_client_state> self_;
  std::shared_ptr<strava_oauth> oauth_;
};

/// Strava's OAuth endpoints as an actor. Ends when Strava does not answer.
oauth_client_actor::behavior_type
oauth_client(oauth_client_actor::stateful_pointer<oauth_client_state> self,
             actor_context context, std::shared_ptr<strava_oauth> oauth);

} // namespace stravasync
