#pragma once

#include "actors/kit/protocol.hpp"
#include "messages/activities.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

/// @file
/// What is stored of athletes' histories: ACTIVITIES, of the api group.

namespace stravasync {

/// Questions about stored activities.
using activities_actor
  = kit::protocol<query::v1::ActivityList(query::v1::ListActivities),
                  query::v1::Activity(query::v1::GetActivity),
                  query::v1::Stats(query::v1::GetStats)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ListActivities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ActivityList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetActivity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::Activity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetStats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::Stats)
