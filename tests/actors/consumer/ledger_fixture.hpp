#pragma once

#include "actors/consumer/ledger.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>

namespace stravasync {

using namespace std::chrono_literals;

inline constexpr auto live = jobs::v1::LANE_LIVE;
inline constexpr auto user = jobs::v1::LANE_USER;
inline constexpr auto backfill = jobs::v1::LANE_BACKFILL;

/// Midnight UTC of some day: also the start of a window.
inline constexpr auto t0 = unix_ms{1'700'006'400'000};

inline budget_rules small_rules() {
  return {.window = 3s,
          .short_overall = 20,
          .day_overall = 2'000,
          .short_read = 10,
          .day_read = 1'000,
          .live_share = 0.1,
          .live_release = 0.5,
          .lease_max = 60s};
}

struct ledger_fixture {
  budget_rules rules = small_rules();
  ledger book = new_ledger(rules, t0);
  int next_id = 0;

  ledger_fixture() {
    book.set_confirmed(true);
  }

  std::optional<unix_ms> take(unix_ms at, jobs::v1::Lane lane = backfill,
                              const std::string& node = "n1") {
    return lease(book, at, lane, "p" + std::to_string(next_id++), node, rules);
  }

  /// What Strava reports after `used` reads in the window of `date_ms`.
  static call_report
  response(unix_ms date_ms, std::uint32_t used, std::uint32_t limit = 10) {
    call_report report{.sent = true, .status = 200};
    report.usage.date_ms = date_ms;
    report.usage.read_limit = {limit, 1'000};
    report.usage.read_used = {used, used};
    report.usage.overall_limit = {20, 2'000};
    report.usage.overall_used = {used, used};
    return report;
  }

  void answer(int id, unix_ms now, const call_report& report) {
    settle(book, now, "p" + std::to_string(id), report, rules);
  }
};

} // namespace stravasync
