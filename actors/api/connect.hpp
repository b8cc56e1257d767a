#pragma once

#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
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
                outbox_relay_actor relay, std::shared_ptr<key_value> kv,
                connect_config config);

private:
  using reply = kit::promise<query::v1::Athlete>;

  query::v1::ConnectUrl begin();
  void finish(const query::v1::FinishConnect& x, const reply& to);
  void
  use_up(std::string_view state, const reply& to, std::function<void()> then);
  void forget_expired();
  void
  exchange(const std::string& code, const std::string& scope, const reply& to);
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
  std::shared_ptr<key_value> kv_;
  connect_config config_;
  unix_ms looked_for_expired_ms_ = 0;
};

/// Sends athletes to Strava's consent page and takes them in when they return,
/// to any node: once for each time they were sent, and only in the browser that
/// was. Somebody else's consent would bring a stranger's history here.
/// @param kv Remembers which states were used. While it is away nobody is taken
/// in.
connect_actor::behavior_type
connect(connect_actor::stateful_pointer<connect_state> self,
        actor_context context, store_access store, oauth_client_actor oauth,
        std::shared_ptr<strava_oauth> urls,
        std::shared_ptr<const strava_decoder> decoder,
        std::shared_ptr<const token_cipher> cipher, outbox_relay_actor relay,
        std::shared_ptr<key_value> kv, connect_config config);

} // namespace stravasync
