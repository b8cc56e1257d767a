#include "config/settings.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace stravasync {

std::string_view to_string(role value) {
  switch (value) {
    case role::api:
      return "api";
    case role::consumer:
      return "consumer";
    case role::worker:
      return "worker";
    case role::sim:
      return "sim";
  }
  return "unknown";
}

std::uint32_t store_settings::readers_count() const {
  // A long read that waits for the disk or the server needs no core.
  return readers != 0 ? readers
                      : std::clamp(std::thread::hardware_concurrency(), 3U, 8U);
}

std::string store_settings::sqlite_path() const {
  constexpr auto scheme = std::string_view{"sqlite:"};
  return url.starts_with(scheme) ? url.substr(scheme.size()) : std::string{};
}

milliseconds settings::runs_max_age() const {
  // Until then a page, a word about a run or a dead letter of either may still
  // be delivered: without its run, it would begin another.
  auto late = std::max({bus.ingest.max_age, bus.events.max_age, bus.dlq.max_age,
                        sync.delete_second_look});
  return std::max(store.runs_max_age, late + std::chrono::hours{24});
}

} // namespace stravasync
