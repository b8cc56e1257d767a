#include "actors/remote/remote_actors.hpp"

#include "actors/kit/handlers.hpp"

#include <utility>

namespace stravasync {

namespace {

/// A handler that asks elsewhere.
template <class Question, class Answer, class Self>
auto forwards(Self self, remote_link link, repeatable again) {
  return [self, link = std::move(link),
          again](const Question& x) -> caf::result<Answer> {
    return ask_remote<Answer>(self, link, x, again);
  };
}

} // namespace

tokens_actor::behavior_type
remote_tokens(tokens_actor::stateful_pointer<remote_tokens_state> self,
              actor_context context, remote_link link) {
  using namespace query::v1;
  return kit::handlers(
    self, context.statistics, kit::on_throw::resume,
    forwards<LeaseToken, AccessToken>(self, link, repeatable::yes),
    // TOKENS sends that to itself; here it means nothing.
    [](const retry_save&) {});
}

athletes_actor::behavior_type
remote_athletes(athletes_actor::stateful_pointer<remote_athletes_state> self,
                actor_context context, remote_link link) {
  using namespace query::v1;
  using events::v1::SyncStatus;
  return kit::handlers(
    self, context.statistics, kit::on_throw::resume,
    forwards<ListAthletes, AthleteList>(self, link, repeatable::yes),
    forwards<GetAthlete, Athlete>(self, link, repeatable::yes),
    forwards<DisconnectAthlete, Disconnected>(self, link, repeatable::no),
    forwards<StartSync, SyncStatus>(self, link, repeatable::no),
    forwards<ConfirmDeletions, SyncStatus>(self, link, repeatable::no),
    forwards<GetSync, SyncStatus>(self, link, repeatable::yes));
}

} // namespace stravasync
