#pragma once

#include "adapters/jetstream/jetstream.hpp"

#include <caf/expected.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// @file
/// The NATS micro-service protocol (NATS ADR-32): a node answers on $SRV.PING,
/// $SRV.INFO and $SRV.STATS, so that `nats micro ls`, `info` and `stats` show
/// it.

namespace stravasync::jetstream {

struct service_endpoint {
  std::string name;
  std::string subject;
  std::string queue_group;
};

struct service_info {
  std::string name;    // [A-Za-z0-9_-]+
  std::string version; // As semver.org writes them.
  std::string description;
  std::string id; // Of this instance; no blank, dot or wildcard.
  std::map<std::string, std::string> metadata;
  std::vector<service_endpoint> endpoints;
};

/// What an endpoint did since the service was announced.
struct endpoint_statistics {
  std::string name;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::string last_error;
  std::uint64_t processing_ns = 0; // Of all requests together.
};

/// Called on a thread of the adapter's for each question about statistics;
/// must not block. Endpoints that it leaves out show zeros.
using statistics_source = std::function<std::vector<endpoint_statistics>()>;

/// Answers as long as it lives; its callback is not called afterwards.
class micro_service {
public:
  virtual ~micro_service() = default;
};

/// @param statistics May be empty.
/// @returns `ec::invalid_argument` with the field and the rule if a name does
/// not fit, `ec::unavailable` if the connection is closed.
[[nodiscard]] caf::expected<std::shared_ptr<micro_service>>
announce(const connection& on, service_info what, statistics_source statistics);

} // namespace stravasync::jetstream
