#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/log.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// @file
/// A Strava to develop and test against: OAuth with a consent page, the list
/// of activities with its orders and pages, rate windows, error shapes, and
/// faults on demand. Recorded athletes come from a folder, any other id from 1
/// to 1,000,000,000 is an invented athlete that follows from seed and id.
///
/// Paths, each also below `/api/v3`:
///
///     GET|POST /oauth/authorize     consent page; its form
///     POST /oauth/token             code exchange, refresh
///     POST /oauth/deauthorize, /oauth/revoke
///     GET  /athlete, /athlete/activities
///     GET  /activities/{id}, /athletes/{id}/stats
///
/// and for tests, never counted and never failing on purpose:
///
///     GET  /sim/stats               requests, windows, refreshes
///     GET  /sim/requests?since=N    the last 10,000 requests after number N
///     POST /sim/faults {"mode","count","rate","athlete_id","path"}
///     POST /sim/athletes/{id}/activities       add one, also in the past
///     PATCH|DELETE /sim/athletes/{id}/activities/{id}
///     POST /sim/athletes/{id}/revoke           all tokens die
///
/// It answers by whatever `Host`, unlike a node: it is a thing for tests, and
/// other containers reach it by names that it does not know.

namespace stravasync::strava_sim {

/// Requests per short window and per day; reads count against both.
struct rate_limits {
  std::uint32_t short_all = 200;
  std::uint32_t day_all = 2'000;
  std::uint32_t short_read = 100;
  std::uint32_t day_read = 1'000;
};

/// What is not known about Strava, or happens there now and then.
struct quirks {
  /// `before` and `after` include their second.
  bool inclusive_bounds = false;
  /// Share of pages that are shorter than asked though more follow, 0 to 1.
  double short_page_rate = 0;
  /// Whether 429 answers carry the rate headers.
  bool headers_on_429 = true;
};

struct simulator_options {
  /// As `http::server_options::listen`.
  std::vector<std::string> listen{"127.0.0.1:0"};
  /// Folder with `<anything>_activities.json` files, each an array of
  /// SummaryActivity objects of one athlete; empty: none.
  std::string data_folder;
  /// File that keeps tokens, counters and edits over a restart; empty: none
  /// are kept. It may be deleted while the simulator does not run.
  std::string state_path;
  rate_limits limits;
  /// Short windows begin at multiples of this since the epoch. 100 ms to 1 d.
  std::chrono::milliseconds window{15 * 60 * 1'000};
  /// Added to every answer of API and OAuth. 0 to 5 min.
  std::chrono::milliseconds latency{0};
  /// Share of API requests that are answered 500, 0 to 1.
  double error_rate = 0;
  std::uint64_t seed = 1;
  /// Invented athletes on the consent page, ids from
  /// `first_synthetic_athlete`. 0 to 100,000.
  std::uint32_t synthetic_athletes = 12;
  /// How many activities an invented athlete has. 0 to 100,000.
  std::uint32_t activities_per_athlete = 600;
  /// Empty: any client is accepted. All clients share one set of limits.
  std::string client_id;
  std::string client_secret;
  quirks behaviour;
  wall_clock clock = system_wall_clock();
};

inline constexpr std::int64_t first_synthetic_athlete = 80'000'001;
inline constexpr std::int64_t athlete_id_max = 1'000'000'000;

class simulator {
public:
  virtual ~simulator() = default; // Stops at once.

  /// Where it listens, with the ports that were picked.
  [[nodiscard]] virtual std::vector<std::string> addresses() const = 0;

  /// Finishes what is in flight within `deadline`: delayed answers go out at
  /// once, hanging ones are cut. Blocks; call once.
  virtual void stop(std::chrono::milliseconds deadline) = 0;
};

/// Starts to serve. Fails with `ec::invalid_argument` (an option out of range,
/// a data folder that cannot be read, a recorded file that is broken: the
/// detail names option or file) or `ec::unavailable` (address in use, state
/// file not writable).
[[nodiscard]] caf::expected<std::unique_ptr<simulator>>
start(simulator_options options, log& log);

} // namespace stravasync::strava_sim
