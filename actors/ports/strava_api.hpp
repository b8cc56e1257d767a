#pragma once

#include "actors/ports/clock.hpp"
#include "actors/ports/completion.hpp"
#include "messages/jobs.pb.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stravasync {

/// The rate headers of one response. Strava leaves out any part it likes, so
/// each is optional. Counts are below 100,000,000, limits not 0.
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
  /// A rate header that is neither empty nor usable: printable, cut to 200
  /// characters. Its part is left out above. Empty: none.
  std::string nonsense;
};

/// What came of a request that reached Strava or may have: settles its permit.
struct call_report {
  /// False if it was never sent (no connection): its permit is unused.
  bool sent = false;
  /// 0: no response. 429 for the 403 that told of a rate limit until 2017, too.
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

/// One element of a list: what paging needs, and all of it untouched.
struct listed_activity {
  std::int64_t id = 0; // 0: it has none that can be read.
  /// start_date, epoch seconds (rounded down); none: it cannot be read.
  std::optional<std::int64_t> start_s;
  std::string json; // May be no activity, or no JSON.
};

/// How much is kept of an answer that cannot be read.
inline constexpr auto unreadable_bytes_max = std::size_t{8} * 1024;

/// An answer of Strava's that cannot be read.
struct unreadable_answer {
  std::string reason; // What is wrong and where, in one sentence.
  /// The bytes around the place, at most `unreadable_bytes_max`.
  std::string excerpt;
  std::uint64_t excerpt_at = 0; // Its first byte's place in the answer.
  std::uint64_t bytes = 0;      // Of the whole answer, as far as received.
};

struct activities_response {
  std::vector<listed_activity> items; // In Strava's order.
  /// Set: the answer is none of a list, and `items` is empty.
  std::optional<unreadable_answer> unreadable;
};

template <class T>
struct strava_result {
  call_report report;
  /// Errors: `unavailable` (no connection), `timed_out`, `upstream_failed`
  /// (5xx, no HTTP), `rate_limited`, `needs_reauth` (401 for the token),
  /// `scope_missing` (401 for a scope; the detail names it), `forbidden` (the
  /// application is inactive), `not_found`, `rejected`. An answer that arrived
  /// and cannot be read is a value: the service works.
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

  /// Fails with `ec::malformed`; the detail names the activity, if it has an
  /// id, the field, its value and the rule it breaks. The whole text is
  /// checked: `raw` is JSON.
  [[nodiscard]] virtual caf::expected<struct activity>
  decode_activity(std::string_view json) const = 0;

  /// @returns the id in what may be no activity, or 0.
  [[nodiscard]] virtual std::int64_t id_of(std::string_view json) const = 0;

  /// Reads the answer of a list as `strava_api` does.
  [[nodiscard]] virtual activities_response
  read_list(const std::string& body) const = 0;
};

} // namespace stravasync
