#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/completion.hpp"
#include "messages/jobs.pb.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stravasync {

/// The rate headers of one response. Strava leaves out any part it likes, so
/// each is optional.
struct rate_usage {
  struct pair {
    std::optional<std::uint32_t> short_window; // 15 minutes
    std::optional<std::uint32_t> day;
  };
  pair overall_limit;
  pair overall_used;
  pair read_limit;
  pair read_used;
  /// The response's Date header: Strava's clock, whole seconds; 0: absent.
  unix_ms date_ms = 0;
};

/// What came of a request that reached Strava or may have: settles its permit.
struct call_report {
  /// False if it was never sent (no connection): its permit is unused.
  bool sent = false;
  /// 0: no response.
  int status = 0;
  rate_usage usage;
  /// How often the request was sent: twice if a kept-alive connection turned
  /// out to be closed. Strava may have counted each.
  std::uint32_t sent_count = 0;
};

struct activities_request {
  std::string access_token;
  jobs::v1::ListPosition position;
  std::uint32_t per_page = 200; // 1 to 200.
};

/// One SummaryActivity: what paging needs, and all of it untouched.
struct listed_activity {
  std::int64_t id = 0;
  std::int64_t start_s = 0; // start_date, epoch seconds.
  std::string json;
};

struct activities_response {
  std::vector<listed_activity> items; // In Strava's order.
};

template <class T>
struct strava_result {
  call_report report;
  /// Errors: `unavailable` (no connection), `timed_out`, `upstream_failed`
  /// (5xx, cut or malformed JSON), `rate_limited`, `needs_reauth` (401 for the
  /// token), `scope_missing` (401 for a scope; the detail names it),
  /// `forbidden` (the application is inactive), `not_found`, `rejected`.
  caf::expected<T> value{caf::error{}};
};

/// Strava's API as far as a sync needs it. Thread-safe, never blocks; each
/// call ends within the configured time-out. The completion is called on an I/O
/// thread.
class strava_api {
public:
  virtual ~strava_api() = default;

  /// GET /athlete/activities
  virtual void
  list_activities(activities_request request,
                  std::function<void(strava_result<activities_response>)> done)
    = 0;
};

struct token_grant {
  std::string access_token;
  std::string refresh_token;
  unix_ms expires_at_ms = 0;
  /// SummaryAthlete JSON as it came; only on a code exchange.
  std::string athlete_json;
  /// What the athlete granted; empty: the answer does not name it.
  std::string scope;
};

/// Strava's OAuth endpoints. These calls do not count toward rate limits.
/// Errors: `unavailable`, `timed_out`, `upstream_failed`, `needs_reauth` (the
/// code or refresh token is dead), `forbidden` (client id or secret refused),
/// `rejected`.
class strava_oauth {
public:
  virtual ~strava_oauth() = default;

  /// Pure: the page where an athlete gives consent.
  [[nodiscard]] virtual std::string
  authorize_url(const std::string& redirect_uri,
                const std::string& state) const = 0;

  virtual void exchange_code(std::string code, completion<token_grant> done)
    = 0;

  virtual void refresh(std::string refresh_token, completion<token_grant> done)
    = 0;

  /// Revokes all tokens of the athlete the token belongs to.
  virtual void deauthorize(std::string access_token, completion<bool> done) = 0;
};

/// SummaryAthlete and SummaryActivity JSON into rows; in the adapter, because
/// JSON is Strava's business.
class strava_decoder {
public:
  virtual ~strava_decoder() = default;

  /// Fills what the JSON holds. Unknown fields and values are kept in `raw`.
  /// Fails with `ec::malformed`: no JSON object, or no positive id.
  [[nodiscard]] virtual caf::expected<struct athlete>
  decode_athlete(std::string_view json) const = 0;

  /// Fails with `ec::malformed`, the detail names the field.
  [[nodiscard]] virtual caf::expected<struct activity>
  decode_activity(std::string_view json) const = 0;
};

} // namespace stravasync
