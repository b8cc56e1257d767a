#pragma once

#include "adapters/strava_sim/world.hpp"

#include <caf/expected.hpp>

#include <memory>
#include <mutex>

namespace stravasync::strava_sim {

/// The simulated Strava without its sockets: a request in, what becomes of it
/// out. Thread-safe; takes some milliseconds for a full page.
class service {
public:
  /// Fails as `start` does, but for listening.
  [[nodiscard]] static caf::expected<std::unique_ptr<service>>
  make(simulator_options options, log& log);

  [[nodiscard]] reply answer(const http::request& what);

private:
  service(simulator_options options, std::vector<recording> recordings,
          log& log);

  reply route(const http::request& what);

  std::mutex mutex_;
  world world_;
};

} // namespace stravasync::strava_sim
