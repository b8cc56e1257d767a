#pragma once

#include "actors/ports/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace stravasync::strava_sim {

/// One request to API or OAuth as it arrived, with the status it was given.
struct logged_request {
  std::uint64_t sequence = 0;
  unix_ms at_ms = 0;
  std::string method;
  std::string path; // Without `/api/v3`.
  /// As sent, without tokens; of a token request its grant type only.
  std::string query;
  std::int64_t athlete_id = 0; // 0: not known.
  int status = 0;              // 0: no answer was meant to arrive (a fault).
  bool counted = false;        // Toward the rate limits.
};

struct logged_refresh {
  unix_ms at_ms = 0;
  std::int64_t athlete_id = 0;
  bool renewed = false; // False: the same token was given again.
};

/// What happened, bounded; not thread-safe.
class request_log {
public:
  /// Gives the entry the next sequence number, from 1.
  const logged_request& add(logged_request request);

  void add(logged_refresh refresh);

  /// @returns at most 10,000, oldest first, with sequence above `since`.
  [[nodiscard]] std::vector<logged_request> since(std::uint64_t since) const;

  /// The last 1,000, oldest first.
  [[nodiscard]] const std::deque<logged_refresh>& refreshes() const;

  /// How many by what ("GET /athlete/activities") and status.
  using totals_map = std::map<std::pair<std::string, int>, std::uint64_t>;
  [[nodiscard]] const totals_map& totals() const;
  [[nodiscard]] std::uint64_t last_sequence() const;

  /// Puts back what an earlier process kept.
  void restore(logged_request request);
  void restore_total(const std::string& what, int status, std::uint64_t count);

private:
  std::deque<logged_request> requests_;
  std::deque<logged_refresh> refreshes_;
  totals_map totals_;
  std::uint64_t last_ = 0;
};

} // namespace stravasync::strava_sim
