#include "actors/api/store_readers.hpp"

#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

store_readers_state::store_readers_state(
  store_readers_actor::stateful_pointer<store_readers_state> self)
  : self_{self} {
}

store_readers_actor::behavior_type
store_readers_state::make_behavior(actor_context context,
                                   std::vector<store_session_actor> sessions) {
  context_ = std::move(context);
  sessions_ = std::move(sessions);
  for (auto number = sessions_.size(); number > 0; --number)
    idle_.push_back(number - 1);
  return kit::handlers(self_, context_.statistics, kit::on_throw::crash,
                       [this](store_read& work) -> caf::result<void> {
                         auto reply = kit::make_promise<void>(self_);
                         waiting_.push_back({std::move(work), reply});
                         hand_out();
                         return reply;
                       });
}

void store_readers_state::hand_out() {
  while (!idle_.empty() && !waiting_.empty()) {
    auto session = idle_.back();
    idle_.pop_back();
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    self_->request(sessions_[session], caf::infinite, std::move(next.work))
      .then(
        [this, session, reply = next.reply] {
          reply.deliver(caf::error{});
          done_by(session, {});
        },
        [this, session, reply = next.reply](const caf::error& why) {
          reply.deliver(why);
          done_by(session, why);
        });
  }
}

void store_readers_state::done_by(std::size_t session, const caf::error& why) {
  if (code_of(why) == ec::unavailable)
    idle_.insert(idle_.begin(), session);
  else
    idle_.push_back(session);
  hand_out();
}

store_readers_actor::behavior_type
store_readers(store_readers_actor::stateful_pointer<store_readers_state> self,
              actor_context context,
              std::vector<store_session_actor> sessions) {
  return self->state.make_behavior(std::move(context), std::move(sessions));
}

} // namespace stravasync
