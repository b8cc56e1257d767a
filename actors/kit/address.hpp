#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <string>

namespace kit {

/// Starts an ADDRESS: a stable handle for a supervised child, whose own handle
/// changes with every restart. Put it into the child's `child_spec`; the
/// supervisor then points it to each new child. Requests and plain messages are
/// forwarded (about 0.3 us); while no child runs, requests are answered at once
/// with `fault::unavailable` and when the child is started again, and plain
/// messages are dropped. Needs no stopping: it ends with its last handle.
/// @param what Names the child in those answers.
[[nodiscard]] caf::actor
spawn_address(caf::actor_system& system, std::string what);

/// @returns the typed handle of the actor behind an ADDRESS or a GUARDIAN. Not
/// checked: a wrong type shows as `sec::unexpected_message` answers.
template <class Handle>
[[nodiscard]] Handle guardian_as(const caf::actor& stable) {
  return caf::actor_cast<Handle>(stable);
}

} // namespace kit
