#pragma once

#include "actors/ports/bus.hpp"
#include "actors/ports/strava_api.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/store.hpp"
#include "actors/protocols/strava.hpp"
#include "messages/ingest.pb.h"

#include <caf/expected.hpp>

#include <memory>
#include <mutex>

/// @file
/// What stands for Strava in a replay: the pages it answered then.

namespace stravasync {

/// @returns Strava's list as it was when `page` came of it for `position`: the
/// page's activities behind those that the page leaves out.
[[nodiscard]] activities_response
answer_behind(const ingest::v1::ActivitiesPage& page,
              const jobs::v1::ListPosition& position,
              const strava_decoder& decoder);

/// @returns what Strava answered when `job` was done, or `ec::unavailable` if
/// no page of it was recorded. Blocks.
[[nodiscard]] caf::expected<fetched_page>
recorded_answer(const std::shared_ptr<stream_catalog>& from,
                const jobs::v1::SyncAthlete& job,
                const strava_decoder& decoder);

/// @returns what is kept with a dead letter of an answer that could not be
/// read: read again if all of it is there, else why it could not be; null if
/// nothing is kept.
[[nodiscard]] fetched_page
answer_kept(const envelope& letter, const strava_decoder& decoder);

/// The answer to the job at hand. Thread-safe.
class answer_at_hand {
public:
  void set(caf::expected<fetched_page> answer);
  [[nodiscard]] caf::expected<fetched_page> get() const;

private:
  mutable std::mutex mutex_;
  caf::expected<fetched_page> answer_{caf::error{}};
};

/// A STRAVA CLIENT that answers what is at hand, and asks nobody.
strava_client_actor::behavior_type
recorded_strava(strava_client_actor::pointer self,
                std::shared_ptr<const answer_at_hand> answer);

/// A TOKENS whose tokens open nothing.
tokens_actor::behavior_type recorded_tokens(tokens_actor::pointer self);

/// An OUTBOX RELAY that brings nothing anywhere.
outbox_relay_actor::behavior_type no_relay(outbox_relay_actor::pointer self);

} // namespace stravasync
