#pragma once

#include "actors/ports/api_service.hpp"
#include "actors/ports/log.hpp"
#include "actors/protocols/activities.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/operations.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace stravasync {

/// Work of an edge for EDGE: asks an actor on the edge's behalf.
struct edge_call {
  std::function<void(caf::event_based_actor*)> run;
};

/// Whom the edges' questions go to.
struct api_actors {
  athletes_actor athletes;
  connect_actor connect;
  activities_actor activities;
  operations_actor operations;
  dead_letters_actor dead_letters;
  schedules_actor schedules;
};

class edge_state {
public:
  static inline constexpr const char* name = "edge";

  explicit edge_state(caf::event_based_actor*) {
  }
};

/// An EDGE: runs `edge_call`s, so that threads without an actor can ask actors
/// without blocking.
caf::behavior edge(caf::stateful_actor<edge_state>* self);

/// @param asks An EDGE.
/// @returns the questions of the edges, brought to the actors that answer them.
/// What fails by a fault of ours goes to the log: edges do not tell clients.
[[nodiscard]] std::unique_ptr<api_service>
make_api_bridge(caf::actor asks, api_actors to, std::shared_ptr<log> journal);

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::edge_call)

namespace stravasync {

/// Asks `whom` on behalf of a thread that is no actor's; `done` is called on
/// another.
/// @param edge An EDGE.
template <class Handle, class Request, class Reply>
void ask_through(const caf::actor& edge, const Handle& whom, Request request,
                 completion<Reply> done) {
  caf::anon_send(
    edge, edge_call{[whom, request = std::move(request),
                     done = std::move(done)](caf::event_based_actor* self) {
      self->request(whom, caf::infinite, request)
        .then([done](Reply& reply) { done(std::move(reply)); },
              [done](caf::error& why) { done(std::move(why)); });
    }});
}

} // namespace stravasync
