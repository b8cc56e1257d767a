#pragma once

#include "adapters/jetstream/session.hpp"

namespace stravasync::jetstream {

/// Publishes to a stream. A store that refuses answers by the error's number in
/// `ec::full` or `ec::conflict`.
void publish(session& over, envelope message, completion<publish_ack> done);

} // namespace stravasync::jetstream
