#pragma once

#include "actors/ports/log.hpp"
#include "adapters/http/server.hpp"
#include "adapters/strava_sim/athlete_book.hpp"
#include "adapters/strava_sim/faults.hpp"
#include "adapters/strava_sim/random_source.hpp"
#include "adapters/strava_sim/rate_windows.hpp"
#include "adapters/strava_sim/request_log.hpp"
#include "adapters/strava_sim/simulator.hpp"
#include "adapters/strava_sim/state_file.hpp"
#include "adapters/strava_sim/token_book.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stravasync::strava_sim {

/// All that the simulated Strava knows. Not thread-safe.
struct world {
  world(simulator_options with, std::vector<recording> recordings, log& to)
    : options{std::move(with)},
      logger{to},
      athletes{{options.seed, options.synthetic_athletes,
                options.activities_per_athlete},
               std::move(recordings)},
      windows{options.limits, options.window},
      faults{options.error_rate, options.seed} {
  }

  [[nodiscard]] std::int64_t now_s() const {
    return options.clock() / 1'000;
  }

  simulator_options options;
  log& logger;
  token_book tokens;
  athlete_book athletes;
  rate_windows windows;
  fault_plan faults;
  request_log requests;
  std::unique_ptr<state_file> state; // Null: nothing is kept.
  bool state_broken = false;         // The last write failed, and was logged.
};

/// What becomes of a request.
struct reply {
  enum class way : std::uint8_t {
    answer,
    close, // Cut the connection.
    hang,  // Say nothing for minutes.
    cut,   // Send the head and half of the body, then cut.
  };

  http::response response;
  way how = way::answer;
  bool delayed = false; // By the latency that is set.
};

/// The body Strava sends with errors (`Fault` in its swagger).
[[nodiscard]] http::response
strava_error(int status, std::string_view message, std::string_view resource,
             std::string_view field, std::string_view code);

/// A 400 "Bad Request".
[[nodiscard]] http::response
bad_request(std::string_view resource, std::string_view field,
            std::string_view code);

/// Does a fault to an answer that would otherwise be fine.
void spoil(reply& answer, fault_mode mode);

} // namespace stravasync::strava_sim
