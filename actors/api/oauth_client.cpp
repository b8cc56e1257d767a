#include "actors/api/oauth_client.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

oauth_client_state::oauth_client_state(
  oauth_client_actor::stateful_pointer<oauth_client_state> self)
  : self_{self} {
}

oauth_client_actor::behavior_type
oauth_client_state::make_behavior(actor_context context,
                                  std::shared_ptr<strava_oauth> oauth) {
  oauth_ = std::move(oauth);
  auto answer_grant = [this](const kit::promise<token_grant>& to) {
    return kit::in_actor(self_, [this, to](caf::expected<token_grant> got) {
      if (!got)
        end_if_lost(got.error());
      to.deliver(std::move(got));
    });
  };
  return kit::handlers(
    self_, context.statistics, kit::on_throw::crash,
    [this, answer_grant](const exchange_code& x) -> caf::result<token_grant> {
      auto to = kit::make_promise<token_grant>(self_);
      oauth_->exchange_code(x.code, answer_grant(to));
      return to;
    },
    [this, answer_grant](const refresh_tokens& x) -> caf::result<token_grant> {
      auto to = kit::make_promise<token_grant>(self_);
      oauth_->refresh(x.refresh_token, answer_grant(to));
      return to;
    },
    [this](const deauthorize& x) -> caf::result<void> {
      auto to = kit::make_promise<void>(self_);
      oauth_->deauthorize(
        x.access_token,
        kit::in_actor(self_, [this, to](caf::expected<bool> got) {
          auto why = got ? caf::error{} : got.error();
          end_if_lost(why);
          to.deliver(std::move(why));
        }));
      return to;
    });
}

void oauth_client_state::end_if_lost(const caf::error& why) {
  auto code = code_of(why);
  if (code == ec::unavailable || code == ec::timed_out)
    self_->quit(why);
}

oauth_client_actor::behavior_type
oauth_client(oauth_client_actor::stateful_pointer<oauth_client_state> self,
             actor_context context, std::shared_ptr<strava_oauth> oauth) {
  return self->state.make_behavior(std::move(context), std::move(oauth));
}

} // namespace stravasync
