#include "adapters/strava_sim/service.hpp"

#include "adapters/strava_sim/endpoints.hpp"
#include "adapters/strava_sim/memory.hpp"
#include "adapters/strava_sim/pages.hpp"
#include "adapters/strava_sim/training_plan.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync::strava_sim {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

bool is_share(double value) {
  return value >= 0 && value <= 1;
}

/// @returns the first rule the options break; empty if they break none.
std::string_view broken_rule(const simulator_options& options) {
  if (options.window < milliseconds{100} || options.window > hours{24})
    return "window must be 100 ms to 24 h";
  if (options.latency < milliseconds{0} || options.latency > minutes{5})
    return "latency must be 0 to 5 min";
  if (!is_share(options.error_rate))
    return "error rate must be 0 to 1";
  if (!is_share(options.behaviour.short_page_rate))
    return "short page rate must be 0 to 1";
  if (options.synthetic_athletes > 100'000)
    return "synthetic athletes must be 0 to 100000";
  if (options.activities_per_athlete > synthetic_activities_max)
    return "activities per athlete must be 0 to 100000";
  const auto& limits = options.limits;
  if (limits.short_all == 0 || limits.day_all == 0 || limits.short_read == 0
      || limits.day_read == 0)
    return "limits must be 1 or more";
  if (!options.clock)
    return "a clock is needed";
  return {};
}

/// The path below the API's or the site's root: both serve the same.
std::string without_prefix(const std::string& path) {
  constexpr auto prefix = std::string_view{"/api/v3/"};
  return path.starts_with(prefix) ? path.substr(prefix.size() - 1) : path;
}

} // namespace

service::service(simulator_options options, std::vector<recording> recordings,
                 log& log)
  : world_{std::move(options), std::move(recordings), log} {
}

caf::expected<std::unique_ptr<service>>
service::make(simulator_options options, log& log) {
  if (auto rule = broken_rule(options); !rule.empty())
    return make_failure(ec::invalid_argument,
                        "simulator: " + std::string{rule});
  auto recordings = std::vector<recording>{};
  if (!options.data_folder.empty()) {
    auto read = read_recordings(options.data_folder);
    if (!read)
      return read.error();
    recordings = std::move(*read);
  }
  auto result = std::unique_ptr<service>{
    new service{std::move(options), std::move(recordings), log}};
  if (auto problem = attach_memory(result->world_))
    return problem;
  return result;
}

reply service::answer(const http::request& what) {
  auto guard = std::lock_guard{mutex_};
  auto now_s = world_.now_s();
  auto result = route(what);
  // The time at which the request was counted, whatever the latency.
  result.response.headers.emplace_back("Date", http_date(now_s));
  return result;
}

reply service::route(const http::request& what) {
  if (what.path == "/") {
    auto result = reply{};
    result.response.content_type = "text/html; charset=utf-8";
    result.response.body
      = index_page(world_.athletes.cards(consent_athletes_max),
                   world_.options.synthetic_athletes);
    return result;
  }
  if (is_probe(what.path))
    return answer_probe(what);
  if (what.path.starts_with("/sim/"))
    return answer_control(world_, what);
  auto path = without_prefix(what.path);
  return path.starts_with("/oauth/") ? answer_oauth(world_, what, path)
                                     : answer_api(world_, what, path);
}

} // namespace stravasync::strava_sim
