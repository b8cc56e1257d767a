#pragma once

#include "actors/context.hpp"
#include "actors/ports/requests.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/remote/question_statistics.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stravasync {

/// Whose answers a RESPONDER gives.
struct answering_actors {
  tokens_actor tokens;
  athletes_actor athletes;
};

/// @returns the subjects that a RESPONDER answers.
[[nodiscard]] std::vector<std::string> answered_subjects();

/// The state of a RESPONDER. Spawn it with `responder`.
class responder_state {
public:
  static inline constexpr const char* name = "responder";

  explicit responder_state(caf::event_based_actor* self);

  caf::behavior
  make_behavior(actor_context context, std::shared_ptr<requests> from,
                answering_actors actors, std::string group,
                question_statistics numbers);

private:
  /// Answers questions of one type by asking `whom`.
  template <class Question, class Answer, class Handle>
  void answer(const Handle& whom);

  void settled(const std::string& subject,
               std::chrono::steady_clock::time_point begin,
               const std::string& error);
  void drain(const caf::error& reason);

  caf::event_based_actor* self_;
  std::shared_ptr<requests> from_;
  std::string group_;
  question_statistics numbers_;
  std::vector<std::shared_ptr<responder_place>> places_;
  std::size_t in_flight_ = 0;
  bool draining_ = false;
  caf::error exit_reason_;
};

/// Answers what nodes without a database ask: brings their questions to the
/// actors of this process, and the answers or errors back. On an exit message
/// it takes no more, answers what it has, then ends. Ends with an error if it
/// cannot be reached over the bus.
/// @param group Its members share the questions.
caf::behavior
responder(caf::stateful_actor<responder_state>* self, actor_context context,
          std::shared_ptr<requests> from, answering_actors actors,
          std::string group, question_statistics numbers);

} // namespace stravasync
