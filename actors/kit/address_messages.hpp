#pragma once

#include <caf/actor.hpp>
#include <caf/actor_clock.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

namespace kit::detail {

/// Tells an ADDRESS where to forward to.
struct child_runs {
  caf::actor child;
};

/// Tells an ADDRESS what to answer meanwhile.
struct child_is_down {
  std::string why;
  caf::actor_clock::time_point retry_at;
};

} // namespace kit::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::detail::child_runs)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::detail::child_is_down)
