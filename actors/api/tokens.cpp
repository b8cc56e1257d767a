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

/// How often it looks for a store or a claim that may be free, and shows that
/// it lives.
constexpr auto look_every = milliseconds{1'000};

caf::error store_is_down() {
  return make_failure(ec::unavailable, "the store cannot keep new tokens",
                      look_every);
}

caf::error bus_is_away(const caf::error& why) {
  return make_failure(ec::unavailable,
                      "tokens cannot be refreshed while nodes cannot agree who "
                      "does it: "
                        + detail_of(why),
                      retry_after_of(why).value_or(look_every));
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
                            std::shared_ptr<const token_cipher> cipher,
                            std::shared_ptr<key_value> kv) {
  claims_ = refresh_claims{self_, std::move(kv), context.node};
  context_ = std::move(context);
  store_ = std::move(store);
  oauth_ = std::move(oauth);
  cipher_ = std::move(cipher);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](
      const query::v1::LeaseToken& x) -> caf::result<query::v1::AccessToken> {
      auto to = kit::make_promise<query::v1::AccessToken>(self_);
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
    [this](const retry_save& x) { look_again(x.athlete_id); });
}

void tokens_state::look_again(std::int64_t athlete_id) {
  ticking_.erase(athlete_id);
  claims_.renew(athlete_id);
  if (auto node = unsaved_.extract(athlete_id)) {
    // Who asks meanwhile waits for it: the token in the store is dead.
    waiting_.try_emplace(athlete_id);
    save(athlete_id, node.mapped().next, node.mapped().result);
  } else if (auto found = waiting_.find(athlete_id);
             found != waiting_.end()
             && std::exchange(found->second.for_claim, false)) {
    return read(athlete_id);
  }
  if (claims_.holds(athlete_id))
    tick(athlete_id);
}

void tokens_state::tick(std::int64_t athlete_id) {
  if (ticking_.insert(athlete_id).second)
    self_->delayed_send(self_, look_every, retry_save{athlete_id});
}

void tokens_state::load(
  std::int64_t athlete_id,
  std::function<void(const caf::expected<credential>&)> then) {
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
    std::move(then));
}

void tokens_state::read(std::int64_t athlete_id) {
  load(athlete_id, [this, athlete_id](const caf::expected<credential>& got) {
    if (got)
      return judge(athlete_id, *got);
    auto last = last_.find(athlete_id);
    if (code_of(got.error()) == ec::unavailable && last != last_.end()
        && last->second.access_token() != waiting_[athlete_id].rejected
        && last->second.expires_at_ms() - token_margin_ms > context_.now())
      return answer(athlete_id, query::v1::AccessToken{last->second});
    answer(athlete_id, got.error());
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
  if (claims_.holds(athlete_id))
    return refresh(athlete_id, stored, *refresh_token);
  claim(athlete_id);
}

void tokens_state::claim(std::int64_t athlete_id) {
  claims_.take(athlete_id, [this, athlete_id](const caf::error& why) {
    if (why && code_of(why) != ec::conflict)
      return answer(athlete_id, bus_is_away(why));
    tick(athlete_id);
    if (why)
      waiting_[athlete_id].for_claim = true;
    else
      read(athlete_id); // Another node may have been done just before.
  });
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
  write_store_of<bool>(
    self_, store_, athlete_id,
    [next](transaction& tx, bool&) { return tx.credentials().update(next); },
    [this, athlete_id, next, result](const caf::expected<bool>& got) {
      auto code = got ? ec::none : code_of(got.error());
      if (code == ec::conflict)
        return overtaken(athlete_id, next, result);
      if (code == ec::not_found) // Disconnected meanwhile.
        return answer(athlete_id, got.error());
      if (!got)
        return keep_unsaved(athlete_id, next, result);
      if (next.revoked)
        return answer(athlete_id, must_connect_again());
      answer(athlete_id, result);
    });
}

void tokens_state::overtaken(std::int64_t athlete_id, const credential& next,
                             const query::v1::AccessToken& result) {
  load(athlete_id,
       [this, athlete_id, next, result](const caf::expected<credential>& got) {
         if (!got)
           return answer(athlete_id, got.error());
         if (!got->revoked || next.revoked)
           return judge(athlete_id, *got); // Another node was faster.
         // A node that took us for dead was refused, because Strava had given
         // us these tokens. If it refuses them too, the next refresh will tell.
         auto better = next;
         better.version = got->version + 1;
         save(athlete_id, better, result);
       });
}

void tokens_state::keep_unsaved(std::int64_t athlete_id, const credential& next,
                                const query::v1::AccessToken& result) {
  unsaved_.insert_or_assign(athlete_id, unsaved{next, result});
  answer(athlete_id, store_is_down());
  tick(athlete_id);
}

void tokens_state::answer(std::int64_t athlete_id,
                          const caf::expected<query::v1::AccessToken>& with) {
  if (with)
    last_[athlete_id] = *with;
  else if (code_of(with.error()) != ec::unavailable)
    last_.erase(athlete_id);
  if (!unsaved_.contains(athlete_id))
    claims_.release(athlete_id);
  auto node = waiting_.extract(athlete_id);
  if (node.empty())
    return;
  for (const auto& to : node.mapped().replies)
    to.deliver(with);
}

tokens_actor::behavior_type
tokens(tokens_actor::stateful_pointer<tokens_state> self, actor_context context,
       store_access store, oauth_client_actor oauth,
       std::shared_ptr<const token_cipher> cipher,
       std::shared_ptr<key_value> kv) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(oauth), std::move(cipher),
                                   std::move(kv));
}

} // namespace stravasync
