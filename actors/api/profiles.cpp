#include "actors/api/profiles.hpp"

#include "actors/api/records.hpp"
#include "messages/profile.pb.h"

namespace stravasync {

caf::error
store_athlete(transaction& tx, athlete& next, std::string& scope_before) {
  auto stored = tx.athletes().get({next.id});
  if (!stored)
    return stored.error();
  if (*stored) {
    scope_before = (*stored)->scope;
    next.connected_at_ms = (*stored)->connected_at_ms;
    next.newest_start_ms = (*stored)->newest_start_ms;
    return tx.athletes().update(next);
  }
  auto created = tx.athletes().create(next);
  return created ? caf::error{} : created.error();
}

caf::error record_profile(transaction& tx, const athlete& who, unix_ms now) {
  ingest::v1::AthleteProfile profile;
  profile.set_athlete_id(who.id);
  profile.set_scope(who.scope);
  profile.set_connected_at_ms(now);
  profile.set_athlete_json(who.raw);
  auto id = "profile/" + std::to_string(who.id) + "/" + std::to_string(now);
  return enqueue(tx, make_envelope(profile, {.message_id = id}), now);
}

} // namespace stravasync
