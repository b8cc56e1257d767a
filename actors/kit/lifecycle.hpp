#pragma once

#include "actors/kit/child.hpp"

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/expected.hpp>
#include <caf/message.hpp>
#include <caf/message_view.hpp>
#include <caf/result.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// @file
/// What supervisors, guardians and addresses do to the actors they keep.

namespace kit::detail {

/// The children of one keeper, by position; null where none runs.
using kept_actors = std::shared_ptr<std::vector<caf::actor>>;

/// Calls `factory`; an exception and a null handle are errors too.
[[nodiscard]] caf::expected<caf::actor>
start_child(const child_factory& factory, const child_context& context);

/// Sends an exit message that overtakes what is in the mailbox.
void tell_to_exit(caf::event_based_actor& self, const caf::actor& child,
                  caf::error reason);

/// Kills what is left in `kept` when `self` ends, however it ends: nobody else
/// would ever stop those.
void kill_when_gone(caf::event_based_actor& self, kept_actors kept);

/// Hands the current message on to `target`, answer and all.
caf::result<caf::message>
forward(caf::event_based_actor& self, const caf::actor& target,
        caf::message_view& view);

/// Sends `request` and calls `done` with whatever comes back: a value, nothing,
/// or one `caf::error`.
void request_any(caf::event_based_actor& self, const caf::actor& target,
                 caf::message request, std::function<void(caf::message)> done);

/// Calls `done` with the actor's runtime name once its initialization is over;
/// never if it ends before that.
void when_initialized(caf::event_based_actor& self, const caf::actor& target,
                      std::function<void(std::string)> done);

/// @returns the error that `answer` consists of, or none.
[[nodiscard]] caf::error error_in(const caf::message& answer);

/// @returns a source of numbers in [0, 1), seeded by the system.
[[nodiscard]] std::function<double()> make_random01();

} // namespace kit::detail
