#include "adapters/jetstream/jetstream.hpp"

#include "messages/error.hpp"

namespace stravasync::jetstream {

caf::expected<connection> open(const options&, log&) {
  return make_failure(ec::unavailable, "not there yet");
}

} // namespace stravasync::jetstream
