#include "actors/api/tokens.hpp"

#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

caf::error must_connect_again() {
  return make_failure(ec::needs_reauth,
                      "Strava no longer accepts this athlete's tokens: the "
                      "athlete has to connect again");
}

constexpr auto save_again_after = milliseconds{1'000};

caf::error store_is_down() {
  return make_failure(ec::unavailable, "the store cannot keep new tokens",
                      save_again_after);
}

query::v1::AccessToken lease_of(std::string token, unix_ms expires_at_ms) {
  query::v1::AccessToken result;
  result.set_access_token(std::move(token));
  result.set_expires_at_ms(expires_at_ms);
  return result;
}

} // namespace

tokens_state::tokens_state(tokens_actor::stateful_pointer<tokens_state> self)
  : self_{self} {
}

tokens_actor::behavior_type
tokens_state::make_behavior(actor_context context, store_access store,
                            oauth_client_actor oauth,
                            std::shared_ptr<const token_cipher> cipher) {
  context_ = std::move(context);
  store_ = std::move(store);
  oauth_ = std::move(oauth);
  cipher_ = std::move(cipher);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](
      const query::v1::LeaseToken& x) -> caf::result<query::v1::AccessToken> {
      auto to = kit::make_promise<query::v1::AccessToken>(self_);
      auto cached = cache_.find(x.athlete_id());
      if (cached != cache_.end()
          && cached->second.access_token() != x.rejected()
          && cached->second.expires_at_ms() - token_margin_ms
               > context_.now()) {
        to.deliver(cached->second);
        return to;
      }
      if (unsaved_.contains(x.athlete_id())) {
        to.deliver(store_is_down());
        return to;
      }
      auto [i, first] = waiting_.try_emplace(x.athlete_id());
      i->second.replies.push_back(to);
      if (!x.rejected().empty())
        i->second.rejected = x.rejected();
      if (first)
        read(x.athlete_id());
      return to;
    },
    [this](const retry_save& x) {
      auto node = unsaved_.extract(x.athlete_id);
      if (node.empty())
        return;
      // Who asks meanwhile waits for it: the token in the store is dead.
      waiting_.try_emplace(x.athlete_id);
      save(x.athlete_id, node.mapped().next, node.mapped().result);
    });
}

void tokens_state::read(std::int64_t athlete_id) {
  read_store<credential>(
    self_, store_,
    [athlete_id](transaction& tx, credential& out) -> caf::error {
      auto found = tx.credentials().get({athlete_id});
      if (!found)
        return found.error();
      if (!*found)
        return make_failure(ec::not_found, "there is no athlete "
                                             + std::to_string(athlete_id));
      out = std::move(**found);
      return {};
    },
    [this, athlete_id](const caf::expected<credential>& got) {
      if (!got) {
        cache_.erase(athlete_id);
        return answer(athlete_id, got.error());
      }
      judge(athlete_id, *got);
    });
}

void tokens_state::judge(std::int64_t athlete_id, const credential& stored) {
  if (stored.revoked)
    return answer(athlete_id, must_connect_again());
  auto owner = std::to_string(athlete_id);
  auto access = cipher_->open(stored.access_token, owner);
  auto refresh_token = cipher_->open(stored.refresh_token, owner);
  if (!access || !refresh_token)
    return answer(athlete_id,
                  make_failure(ec::internal,
                               "the stored tokens cannot be opened: "
                               "secrets.token_key is not the one they were "
                               "sealed with"));
  auto fresh = stored.expires_at_ms - token_margin_ms > context_.now();
  if (fresh && *access != waiting_[athlete_id].rejected)
    return answer(athlete_id, lease_of(*access, stored.expires_at_ms));
  refresh(athlete_id, stored, *refresh_token);
}

void tokens_state::refresh(std::int64_t athlete_id, const credential& stored,
                           const std::string& refresh_token) {
  self_->request(oauth_, caf::infinite, refresh_tokens{refresh_token})
    .then([this, athlete_id, stored](
            const token_grant& grant) { refreshed(athlete_id, stored, grant); },
          [this, athlete_id, stored](const caf::error& why) {
            refused(athlete_id, stored, why);
          });
}

void tokens_state::refreshed(std::int64_t athlete_id, credential stored,
                             const token_grant& grant) {
  if (grant.access_token == waiting_[athlete_id].rejected)
    // Strava refuses this token and hands it out again: it is a dead end.
    return answer(athlete_id, must_connect_again());
  auto owner = std::to_string(athlete_id);
  stored.access_token = cipher_->seal(grant.access_token, owner);
  stored.refresh_token = cipher_->seal(grant.refresh_token, owner);
  stored.expires_at_ms = grant.expires_at_ms;
  ++stored.version;
  save(athlete_id, stored, lease_of(grant.access_token, grant.expires_at_ms));
}

void tokens_state::refused(std::int64_t athlete_id, const credential& stored,
                           const caf::error& why) {
  if (code_of(why) != ec::needs_reauth)
    return answer(athlete_id, why);
  context_.journal->warning("Strava refuses an athlete's refresh token",
                            {{"athlete", athlete_id}});
  auto next = stored;
  next.revoked = true;
  ++next.version;
  save(athlete_id, next, {});
}

void tokens_state::save(std::int64_t athlete_id, const credential& next,
                        const query::v1::AccessToken& result) {
  write_store<bool>(
    self_, store_,
    [next](transaction& tx, bool&) { return tx.credentials().update(next); },
    [this, athlete_id, next, result](const caf::expected<bool>& got) {
      auto code = got ? ec::none : code_of(got.error());
      if (code == ec::conflict)
        return read(athlete_id); // Another node was faster.
      if (code == ec::not_found) // Disconnected meanwhile.
        return answer(athlete_id, got.error());
      if (!got)
        return keep_unsaved(athlete_id, next, result);
      if (next.revoked)
        return answer(athlete_id, must_connect_again());
      answer(athlete_id, result);
    });
}

void tokens_state::keep_unsaved(std::int64_t athlete_id, const credential& next,
                                const query::v1::AccessToken& result) {
  unsaved_.insert_or_assign(athlete_id, unsaved{next, result});
  answer(athlete_id, store_is_down());
  self_->delayed_send(self_, save_again_after, retry_save{athlete_id});
}

void tokens_state::answer(std::int64_t athlete_id,
                          const caf::expected<query::v1::AccessToken>& with) {
  if (with)
    cache_[athlete_id] = *with;
  else
    cache_.erase(athlete_id);
  auto node = waiting_.extract(athlete_id);
  if (node.empty())
    return;
  for (const auto& to : node.mapped().replies)
    to.deliver(with);
}

tokens_actor::behavior_type
tokens(tokens_actor::stateful_pointer<tokens_state> self, actor_context context,
       store_access store, oauth_client_actor oauth,
       std::shared_ptr<const token_cipher> cipher) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(oauth), std::move(cipher));
}

} // namespace stravasync
