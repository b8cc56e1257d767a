#pragma once

#include "actors/kit/protocol.hpp"
#include "actors/ports/clock.hpp"
#include "actors/ports/strava_api.hpp"
#include "messages/jobs.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <string>

/// @file
/// Strava and its limits: BUDGET and STRAVA CLIENT, of the consumer group.

namespace stravasync {

/// Asks for the right to send one read request to Strava.
struct lease_permit {
  jobs::v1::Lane lane = jobs::v1::LANE_BACKFILL;
  /// It was asked for before, for the same request.
  bool came_before = false;
};

struct permit {
  std::string id;
};

/// Ends a permit with what came of its request, as soon as it is known: the
/// request was sent after the permit was given and answered before this.
struct settle_permit {
  std::string id;
  call_report report;
};

/// BUDGET to itself: what could not be written may be written now, or it is
/// time to show that who holds permits lives.
struct budget_tick {
  bool renews = false;
};

/// Fetches one page of an athlete's list, with a permit.
struct fetch_page {
  activities_request request;
  jobs::v1::Lane lane = jobs::v1::LANE_BACKFILL;
  /// There was no permit for it before.
  bool came_before = false;
};

using fetched_page = std::shared_ptr<const activities_response>;

/// The ledger of Strava's limits, shared by all nodes.
using budget_actor = kit::protocol<
  // `exhausted` with the time until it is the asker's turn.
  permit(lease_permit), void(settle_permit), void(budget_tick)>;

/// Strava's API, behind a guardian.
using strava_client_actor = kit::protocol<
  // `exhausted` if there is no permit; else the errors of `strava_api`.
  fetched_page(fetch_page)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::lease_permit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::permit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::settle_permit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::budget_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::fetch_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::fetched_page)
