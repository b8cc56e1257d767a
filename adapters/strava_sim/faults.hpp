#pragma once

#include "adapters/strava_sim/random_source.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync::strava_sim {

enum class fault_mode : std::uint8_t {
  none,
  error500,     // {"message":"error"}
  close,        // The connection is cut, no answer.
  hang,         // No answer for minutes.
  cut_json,     // A whole response whose JSON ends too early.
  cut_name,     // The last name of a list ends in the middle of an emoji.
  cut_body,     // The connection is cut in the middle of the body.
  inactive,     // 403, the application.
  rate_limited, // 429 though the windows have room.
};

/// The mode of a name; nothing for others.
[[nodiscard]] std::optional<fault_mode> fault_mode_of(std::string_view name);

struct fault {
  fault_mode mode = fault_mode::none;
  std::optional<std::uint32_t> count; // How often; none: until taken back.
  double rate = 1;                    // Share of the requests that match.
  std::optional<std::int64_t> athlete_id;
  std::string path; // As its path begins, without `/api/v3`; empty: the API.
};

/// Reads the body of `POST /sim/faults`. Fails with `ec::invalid_argument`, the
/// detail names member and rule.
[[nodiscard]] caf::expected<fault> read_fault(const std::string& json);

/// The faults that are asked for. Not thread-safe.
class fault_plan {
public:
  /// @param error_rate Share of API requests answered 500.
  fault_plan(double error_rate, std::uint64_t seed);

  /// Adds one; mode `none` takes all back. At most 100, then the oldest goes.
  void add(fault what);

  /// @returns what is to happen to this request. A fault without path is for
  /// the API only, not for `/oauth`.
  fault_mode take(std::string_view path, std::int64_t athlete_id);

private:
  std::vector<fault> faults_;
  double error_rate_;
  random_source random_;
};

} // namespace stravasync::strava_sim
