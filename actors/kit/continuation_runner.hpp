#pragma once

#include "actors/kit/handlers.hpp"
#include "actors/kit/statistics.hpp"

#include <caf/message_view.hpp>
#include <caf/result.hpp>
#include <caf/scheduled_actor.hpp>

namespace kit::detail {

/// The default handler of an actor of the kit: runs continuations and answers
/// anything else with `sec::unexpected_message`.
struct continuation_runner {
  meter_ptr numbers; // None for an actor that does not use `handlers`.
  on_throw policy = on_throw::crash;

  caf::result<caf::message>
  operator()(caf::scheduled_actor* self, caf::message_view& view) const;
};

/// @returns whether a default handler is installed; sets `runner` if it is one
/// of ours. None is while a continuation runs.
bool default_handler_of(caf::scheduled_actor& self,
                        const continuation_runner*& runner);

} // namespace kit::detail
