#pragma once

#include <caf/expected.hpp>

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace stravasync {

/// Times planned by a line of cron: minute, hour, day of month, month and
/// weekday, in UTC. A field is a list of numbers, names (`jan`, `mon`; of any
/// case), ranges and steps over a range or all: "*/15 6-20/2 * * mon-fri".
/// Weekdays are 0 to 7, both ends Sunday. As in Vixie's cron a day counts if
/// day of month *or* weekday matches, but if one of the two begins with `*`
/// both have to.
class cron {
public:
  using time_point = std::chrono::sys_seconds;

  /// Fails with `ec::invalid_argument`; the detail names the field and what is
  /// wrong with it. A line whose day never comes (30 February) is refused.
  [[nodiscard]] static caf::expected<cron> parse(std::string_view line);

  /// @returns the first planned time after `t`.
  [[nodiscard]] time_point next_after(time_point t) const;

  /// @returns the newest planned time that is not after `t`.
  [[nodiscard]] time_point latest_by(time_point t) const;

private:
  enum field : std::uint8_t { minute, hour, day, month, weekday };
  static constexpr auto fields = std::size_t{5};

  /// By number, from 0; Sunday is 0 only.
  using numbers = std::bitset<60>;

  cron() = default;

  [[nodiscard]] bool matches(std::chrono::sys_days which) const;

  std::array<numbers, fields> in_;
  bool both_days_ = false; // Day and weekday have to match.
};

} // namespace stravasync
