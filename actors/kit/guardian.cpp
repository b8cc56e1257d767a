#include "actors/kit/guardian.hpp"

#include "actors/kit/guardian_state.hpp"

#include <utility>

namespace kit {

caf::actor spawn_guardian(caf::actor_system& system, guardian_config config,
                          child_factory start) {
  auto guardian = [](caf::stateful_actor<detail::guardian_state>* self,
                     guardian_config settings, child_factory factory) {
    return self->state.make_behavior(std::move(settings), std::move(factory));
  };
  return system.spawn(guardian, std::move(config), std::move(start));
}

} // namespace kit
