#include "adapters/jetstream/micro_service.hpp"

#include "messages/error.hpp"

namespace stravasync::jetstream {

caf::expected<std::shared_ptr<micro_service>>
announce(const connection&, service_info, statistics_source) {
  return make_failure(ec::unavailable, "not there yet");
}

} // namespace stravasync::jetstream
