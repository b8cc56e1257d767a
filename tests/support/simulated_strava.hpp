#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/strava_api.hpp"
#include "adapters/strava_sim/athlete_book.hpp"
#include "adapters/strava_sim/rate_windows.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace test {

/// The simulator's athletes and limits without its server: answers at once, by
/// the clock it is given. Nobody's history grows. An access token is the
/// athlete's id.
class simulated_strava final : public stravasync::strava_api,
                               public stravasync::strava_oauth {
public:
  simulated_strava(stravasync::wall_clock now, std::size_t activities_each,
                   stravasync::strava_sim::rate_limits limits);

  /// Requests for lists so far, and how many of them were above the limits.
  [[nodiscard]] std::uint64_t calls() const {
    return calls_;
  }
  [[nodiscard]] std::uint64_t refused() const {
    return refused_;
  }

  /// The newest start of an athlete's activities, epoch seconds.
  [[nodiscard]] std::int64_t newest_start_s(std::int64_t athlete_id);

  void
  list_activities(stravasync::activities_request request,
                  std::function<void(
                    stravasync::strava_result<stravasync::activities_response>)>
                    done) override;

  [[nodiscard]] std::string
  authorize_url(const std::string& redirect_uri,
                const std::string& state) const override;
  void
  exchange_code(std::string code,
                stravasync::completion<stravasync::token_grant> done) override;
  void refresh(std::string refresh_token,
               stravasync::completion<stravasync::token_grant> done) override;
  void deauthorize(std::string access_token,
                   stravasync::completion<bool> done) override;

private:
  [[nodiscard]] stravasync::rate_usage usage() const;

  stravasync::wall_clock now_;
  stravasync::strava_sim::athlete_book athletes_;
  stravasync::strava_sim::rate_windows windows_;
  std::uint64_t calls_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace test
