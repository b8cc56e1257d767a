#pragma once

#include "actors/nodes/actor_report.hpp"
#include "actors/ports/requests.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <memory>
#include <string>

namespace stravasync {

/// @returns the subject on which this one node, and no other, tells of its
/// actors: the question's, and the node's id in a form that fits.
[[nodiscard]] std::string inspection_subject(const std::string& node);

/// The state of an INSPECTION. Spawn it with `inspection`.
class inspection_state {
public:
  static inline constexpr const char* name = "inspection";

  explicit inspection_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(const std::shared_ptr<requests>& from, known_actors actors);

private:
  caf::event_based_actor* self_;
  std::shared_ptr<responder_place> place_;
};

/// Tells other nodes of this one's actors, without asking those: it answers
/// while all of them are stuck. Ends with an error if it cannot be reached over
/// the bus.
caf::behavior
inspection(caf::stateful_actor<inspection_state>* self,
           const std::shared_ptr<requests>& from, known_actors actors);

} // namespace stravasync
