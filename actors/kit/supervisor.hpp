#pragma once

#include "actors/kit/address.hpp"
#include "actors/kit/backoff.hpp"
#include "actors/kit/child.hpp"
#include "actors/kit/events.hpp"
#include "actors/kit/intensity.hpp"
#include "actors/kit/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kit {

/// Who is restarted when one child ends.
enum class restart_strategy : std::uint8_t {
  one_for_one,  // That child alone.
  one_for_all,  // All: stopped in reverse order, started in order.
  rest_for_one, // That child and those started after it, likewise.
};

struct supervisor_config {
  /// Path of the supervisor, "/api"; children are "/api/<name>". Empty for the
  /// root.
  std::string path;
  restart_strategy strategy = restart_strategy::one_for_one;
  intensity_config intensity;
  /// Between the end of a child and its restart; starts over when a child ran
  /// for `intensity.period`.
  backoff_config backoff{std::chrono::milliseconds{100},
                         std::chrono::milliseconds{10'000}};
  actor_observer observer;
  /// Uniform in [0, 1); without it: seeded by the system.
  std::function<double()> random01;
};

/// Asks a SUPERVISOR for its own children.
struct get_children {};

struct child_list {
  /// In start order.
  std::vector<actor_node> children;
};

/// @see spawn_supervisor
using supervisor_actor = protocol<
  // Its children as of now; those of nested supervisors are theirs to tell.
  child_list(get_children)>;

/// Starts a SUPERVISOR, which starts its children one after another: the next
/// one when the one before has finished its initialization, or has failed
/// (one_for_one) and waits for its restart.
///
/// A child that ends is started again as its `restart_kind` says, after the
/// back-off with full jitter, together with the siblings that the strategy
/// names. When that happens too often (`intensity`), the SUPERVISOR stops its
/// children and quits with `fault::gave_up`, which is a failed child for the
/// supervisor above.
///
/// An exit message stops the children one after another in reverse order, then
/// the SUPERVISOR, which ends with the reason it was given. Each child gets a
/// high-priority `user_shutdown`, after its deadline a high-priority `kill`; if
/// even that does not end it within the deadline (it blocks in a handler), it
/// is left behind, reported as `stopped` with `fault::did_not_stop`, and that
/// is then also the SUPERVISOR's exit reason. If the SUPERVISOR itself is
/// killed, its children are killed with it.
[[nodiscard]] supervisor_actor
spawn_supervisor(caf::actor_system& system, supervisor_config config,
                 std::vector<child_spec> specs);

/// @returns a child that is itself a supervisor. Its path and, where `config`
/// has none, its observer come from the one above. Its stop deadline is long
/// enough for each of its children to be killed at its own.
[[nodiscard]] child_spec nested(std::string name, supervisor_config config,
                                std::vector<child_spec> specs);

/// @returns a child that runs already, a GUARDIAN whose handle others needed
/// before; the supervisor stops it in its turn. Give it a deadline longer than
/// twice the guardian's own. It cannot be started again: if it ends by itself,
/// which a GUARDIAN never does, the supervisor gives up soon.
[[nodiscard]] child_spec
adopt(std::string name, caf::actor running,
      std::chrono::milliseconds stop_deadline = std::chrono::seconds{11});

} // namespace kit

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::get_children)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::child_list)
