#pragma once

#include "adapters/jetstream/key_values.hpp"

namespace stravasync::jetstream {

/// The port's `watch`.
/// @param link An owner of the session; the watch holds it.
void watch_bucket(const std::shared_ptr<session>& link,
                  const std::shared_ptr<key_values>& buckets,
                  const std::string& bucket,
                  std::function<void(key_value_change)> on_change,
                  completion<std::shared_ptr<key_value_watch>> done);

} // namespace stravasync::jetstream
