#pragma once

#include "actors/protocols/athletes.hpp"
#include "actors/remote/asking.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace stravasync {

/// The state of a proxy: it has none but its name.
class remote_tokens_state {
public:
  static inline constexpr const char* name = "remote-tokens";

  explicit remote_tokens_state(
    tokens_actor::stateful_pointer<remote_tokens_state>) {
  }
};

class remote_athletes_state {
public:
  static inline constexpr const char* name = "remote-athletes";

  explicit remote_athletes_state(
    athletes_actor::stateful_pointer<remote_athletes_state>) {
  }
};

/// Stands for the TOKENS of the api nodes.
tokens_actor::behavior_type
remote_tokens(tokens_actor::stateful_pointer<remote_tokens_state> self,
              actor_context context, remote_link link);

/// Stands for the ATHLETES of the api nodes.
athletes_actor::behavior_type
remote_athletes(athletes_actor::stateful_pointer<remote_athletes_state> self,
                actor_context context, remote_link link);

} // namespace stravasync
