#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace stravasync {

struct connect_config {
  /// Where Strava sends the browser back: the public URL + /oauth/callback.
  std::string redirect_uri;
  /// How long a person may take to consent.
  std::chrono::milliseconds state_lifetime{1'800'000};
  /// See `first_position`.
  std::int64_t incremental_overlap_s = 0;
};

/// @returns a text for OAuth's `state` that only `cipher` can make, good until
/// `expires_at`. Any node with the same key can verify it.
[[nodiscard]] std::string
make_oauth_state(const token_cipher& cipher, std::string_view nonce,
                 unix_ms expires_at);

/// @returns none if `state` is ours and not expired; else
/// `ec::invalid_argument`, naming the field `state` and what is wrong.
[[nodiscard]] caf::error check_oauth_state(const token_cipher& cipher,
                                           std::string_view state, unix_ms now);

/// The state of a CONNECT. Spawn it with `connect`.
class connect_state {
public:
  static inline constexpr const char* name = "connect";

  explicit connect_state(connect_actor::stateful_pointer<connect_state> self);

  connect_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                oauth_client_actor oauth, std::shared_ptr<strava_oauth> urls,
                std::shared_ptr<const strava_decoder> decoder,
                std::shared_ptr<const token_cipher> cipher,
                outbox_relay_actor relay, connect_config config);

private:
  using reply = kit::promise<query::v1::Athlete>;

  void finish(const query::v1::FinishConnect& x, const reply& to);
  void exchanged(const std::string& scope, const token_grant& grant,
                 const reply& to);

  connect_actor::stateful_pointer<connect_state> self_;
  actor_context context_;
  store_access store_;
  oauth_client_actor oauth_;
  std::shared_ptr<strava_oauth> urls_;
  std::shared_ptr<const strava_decoder> decoder_;
  std::shared_ptr<const token_cipher> cipher_;
  outbox_relay_actor relay_;
  connect_config config_;
};

/// Sends athletes to Strava's consent page and takes them in when they return.
connect_actor::behavior_type
connect(connect_actor::stateful_pointer<connect_state> self,
        actor_context context, store_access store, oauth_client_actor oauth,
        std::shared_ptr<strava_oauth> urls,
        std::shared_ptr<const strava_decoder> decoder,
        std::shared_ptr<const token_cipher> cipher, outbox_relay_actor relay,
        connect_config config);

} // namespace stravasync
