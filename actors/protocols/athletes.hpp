#pragma once

#include "actors/kit/protocol.hpp"
#include "actors/ports/strava_api.hpp"
#include "messages/athletes.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>

/// @file
/// Who is connected, and with which right: CONNECT, ATHLETES, RECONCILER,
/// TOKENS and OAUTH CLIENT, of the api group.

namespace stravasync {

struct exchange_code {
  std::string code;
};

struct refresh_tokens {
  std::string refresh_token;
};

struct deauthorize {
  std::string access_token;
};

/// TOKENS to itself: the store may be back, another node's refresh over.
struct retry_save {
  std::int64_t athlete_id = 0;
};

/// Strava's OAuth endpoints, behind a guardian.
using oauth_client_actor
  = kit::protocol<token_grant(exchange_code), token_grant(refresh_tokens),
                  void(deauthorize)>;

/// The only refresher of Strava tokens: one refresh at a time per athlete,
/// stored before use.
using tokens_actor = kit::protocol<
  // `needs_reauth` if Strava refuses, `not_found` for an unknown athlete.
  query::v1::AccessToken(query::v1::LeaseToken), void(retry_save)>;

/// Lets athletes in.
using connect_actor
  = kit::protocol<query::v1::ConnectUrl(query::v1::BeginConnect),
                  // Stores it all in one transaction.
                  query::v1::Athlete(query::v1::FinishConnect)>;

/// Who is connected and how far their history is.
using athletes_actor
  = kit::protocol<query::v1::AthleteList(query::v1::ListAthletes),
                  query::v1::Athlete(query::v1::GetAthlete),
                  query::v1::Disconnected(query::v1::DisconnectAthlete),
                  events::v1::SyncStatus(query::v1::StartSync),
                  // `conflict` if another number is missing now.
                  events::v1::SyncStatus(query::v1::ConfirmDeletions),
                  events::v1::SyncStatus(query::v1::GetSync)>;

/// RECONCILER to itself: time to look.
struct reconcile_tick {};

/// Looks at the runs of one athlete now, however young they are.
struct reconcile_athlete {
  std::int64_t athlete_id = 0;
};

/// Finds runs that nothing moves any more, and lets them go on.
using reconciler_actor = kit::protocol<
  // Once what was found is in the database.
  void(reconcile_athlete), void(reconcile_tick)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::exchange_code)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::refresh_tokens)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::deauthorize)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::token_grant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::retry_save)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::reconcile_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::reconcile_athlete)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::LeaseToken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::AccessToken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::BeginConnect)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ConnectUrl)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::FinishConnect)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::Athlete)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ListAthletes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::AthleteList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetAthlete)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DisconnectAthlete)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::Disconnected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::StartSync)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ConfirmDeletions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetSync)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::events::v1::SyncStatus)
