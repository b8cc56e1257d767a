#pragma once

#include "actors/kit/protocol.hpp"
#include "messages/dead_letters.pb.h"

#include <caf/allowed_unsafe_message_type.hpp>

/// @file
/// The interface of DEAD LETTERS; the others are in `actors/protocols.hpp`.

namespace stravasync {

/// What durables gave up on: shown, sent again, dropped.
using dead_letters_actor
  = kit::protocol<query::v1::DeadLetterList(query::v1::ListDeadLetters),
                  query::v1::DeadLetter(query::v1::GetDeadLetter),
                  query::v1::DeadLettersSettled(query::v1::RetryDeadLetters),
                  query::v1::DeadLettersSettled(query::v1::DropDeadLetters)>;

} // namespace stravasync

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::ListDeadLetters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DeadLetterList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::GetDeadLetter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DeadLetter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::RetryDeadLetters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DropDeadLetters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stravasync::query::v1::DeadLettersSettled)
