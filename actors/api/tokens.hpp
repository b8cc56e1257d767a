#pragma once

#include "actors/api/refresh_claims.hpp"
#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/protocols/athletes.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace stravasync {

/// A token that lives at least that long is handed out; else it is refreshed.
inline constexpr auto token_margin_ms = unix_ms{300'000};

/// The state of a TOKENS. Spawn it with `tokens`.
class tokens_state {
public:
  static inline constexpr const char* name = "tokens";

  explicit tokens_state(tokens_actor::stateful_pointer<tokens_state> self);

  tokens_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                oauth_client_actor oauth,
                std::shared_ptr<const token_cipher> cipher,
                std::shared_ptr<key_value> kv);

private:
  using reply = kit::promise<query::v1::AccessToken>;

  /// Everybody who waits for one athlete's token.
  struct waiting {
    std::vector<reply> replies;
    std::string rejected;
    bool for_claim = false; // Another node has it.
  };

  void look_again(std::int64_t athlete_id);
  void tick(std::int64_t athlete_id);
  void load(std::int64_t athlete_id,
            std::function<void(const caf::expected<credential>&)> then);
  void read(std::int64_t athlete_id);
  void judge(std::int64_t athlete_id, const credential& stored);
  void claim(std::int64_t athlete_id);
  void refresh(std::int64_t athlete_id, const credential& stored,
               const std::string& refresh_token);
  void refreshed(std::int64_t athlete_id, credential stored,
                 const token_grant& grant);
  void refused(std::int64_t athlete_id, const credential& stored,
               const caf::error& why);
  void save(std::int64_t athlete_id, const credential& next,
            const query::v1::AccessToken& result);
  void overtaken(std::int64_t athlete_id, const credential& next,
                 const query::v1::AccessToken& result);
  void keep_unsaved(std::int64_t athlete_id, const credential& next,
                    const query::v1::AccessToken& result);
  void answer(std::int64_t athlete_id,
              const caf::expected<query::v1::AccessToken>& with);

  tokens_actor::stateful_pointer<tokens_state> self_;
  actor_context context_;
  store_access store_;
  oauth_client_actor oauth_;
  std::shared_ptr<const token_cipher> cipher_;
  std::unordered_map<std::int64_t, waiting> waiting_;
  refresh_claims claims_;
  /// Athletes for whom a `retry_save` is under way.
  std::unordered_set<std::int64_t> ticking_;
  /// Tokens handed out last, by athlete; unsealed, in memory only. Used only
  /// while the store is away: another node may have refreshed them since, or
  /// disconnected the athlete.
  std::unordered_map<std::int64_t, query::v1::AccessToken> last_;
  /// What Strava gave while the store was down: lost if not kept, since the
  /// token before it is dead.
  struct unsaved {
    credential next;
    query::v1::AccessToken result;
  };
  std::unordered_map<std::int64_t, unsaved> unsaved_;
};

/// Leases access tokens. Over all nodes one athlete's tokens are refreshed once
/// at a time (see `refresh_claims`), and what Strava gave is stored before
/// anybody uses it, because Strava lets the old refresh token die at once. Who
/// finds another node at it waits, and reads what it stored.
///
/// A node that is stopped for longer than a claim lasts may find its claim
/// taken. Then the credential's version decides: tokens that another node
/// stored are used, but a refusal never stands against tokens that were given.
///
/// A node that dies between Strava's answer and the commit takes the new tokens
/// with it. The next refresh gets the same ones if Strava had not renewed them
/// (they had more than an hour left), else the athlete has to connect again:
/// Strava's rule.
tokens_actor::behavior_type
tokens(tokens_actor::stateful_pointer<tokens_state> self, actor_context context,
       store_access store, oauth_client_actor oauth,
       std::shared_ptr<const token_cipher> cipher,
       std::shared_ptr<key_value> kv);

} // namespace stravasync
