#pragma once

#include "actors/kit/events.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace kit {

/// What a factory may use to start its actor.
struct child_context {
  caf::actor_system& system;
  /// The path of the child, "/api/store".
  std::string path;
  /// The observer of whoever starts it, for nested supervisors and guardians.
  const actor_observer& observer;
};

/// Starts one actor, detached or not. Called on the thread of the supervisor or
/// guardian, so it must not block: what can block belongs into the actor, into
/// its behavior function. An error or an exception counts as a crash at start.
using child_factory
  = std::function<caf::expected<caf::actor>(const child_context&)>;

/// @param fn Takes a `const child_context&` or a `caf::actor_system&` and
/// returns an actor handle of any type, or `caf::expected` of one.
template <class Fn>
[[nodiscard]] child_factory make_factory(Fn fn) {
  return [fn = std::move(fn)](
           const child_context& context) mutable -> caf::expected<caf::actor> {
    auto start = [&] {
      if constexpr (std::is_invocable_v<Fn&, const child_context&>)
        return fn(context);
      else
        return fn(context.system);
    };
    if constexpr (requires { start().error(); }) {
      auto started = start();
      if (!started)
        return std::move(started.error());
      return caf::actor_cast<caf::actor>(*started);
    } else {
      return caf::actor_cast<caf::actor>(start());
    }
  };
}

enum class restart_kind : std::uint8_t {
  permanent, // Always started again.
  transient, // Only if it failed: not after a normal end or `user_shutdown`.
  temporary, // Never.
};

/// @returns whether a child of this kind that ended with `reason` is started
/// again.
[[nodiscard]] bool wants_restart(restart_kind kind, const caf::error& reason);

/// One child of a supervisor.
struct child_spec {
  /// Unique among its siblings; the last part of its path.
  std::string name;
  child_factory start;
  restart_kind restart = restart_kind::permanent;
  /// How long it may take to stop before it is killed, and how long after that
  /// before it is given up as stuck.
  std::chrono::milliseconds stop_deadline{5'000};
  /// A stable address that shall lead to the running child, made by
  /// `spawn_address`; optional.
  caf::actor address;
};

/// `child_spec` with a factory made by `make_factory`.
template <class Fn>
[[nodiscard]] child_spec
child(std::string name, Fn fn, restart_kind restart = restart_kind::permanent) {
  child_spec result;
  result.name = std::move(name);
  result.start = make_factory(std::move(fn));
  result.restart = restart;
  return result;
}

} // namespace kit
