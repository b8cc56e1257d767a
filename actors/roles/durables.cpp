#include "actors/roles/durables.hpp"

#include "actors/api/oauth_state.hpp"
#include "actors/api/refresh_claims.hpp"
#include "actors/consumer/budget.hpp"
#include "actors/nodes/presence.hpp"
#include "actors/schedule_state.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "messages/ingest.pb.h"
#include "messages/jobs.pb.h"

namespace stravasync {

namespace {

durable_source_config
durable_of(const settings& config, const std::string& service,
           const google::protobuf::Message& type, std::uint32_t in_flight_max) {
  durable_source_config result;
  result.options.stream = stream_of(type);
  result.options.durable = durable_name(service, type);
  result.options.filter_subject = subject_filter(type);
  result.options.ack_wait = config.consumer.ack_wait;
  result.apply_options = config.bus.embedded();
  // Until 2026 the default was a minute. Who has set another has to say
  // `streams apply`, as for every setting of a durable.
  if (config.consumer.ack_wait == consumer_settings{}.ack_wait)
    result.former_ack_wait = std::chrono::minutes{1};
  result.in_flight_max = in_flight_max;
  result.attempts_max = config.consumer.attempts_max;
  result.backoff = {config.consumer.backoff_min, config.consumer.backoff_max};
  return result;
}

stream_limits limits_of(const bus_settings& bus, std::string_view stream) {
  if (stream == "JOBS")
    return bus.jobs;
  if (stream == "INGEST")
    return bus.ingest;
  if (stream == "EVENTS")
    return bus.events;
  return bus.dlq;
}

// No durable of ours has a `max_deliver`: snoozes count as deliveries, of jobs
// while a limit holds, of pages and facts while the database is down, and an
// outage of any length must not make dead letters. DURABLE SOURCE counts the
// attempts that failed; the notices are for durables that others made.

} // namespace

durable_source_config job_durable(const settings& config) {
  auto result = durable_of(config, config.consumer.service,
                           jobs::v1::SyncAthlete{}, config.consumer.in_flight);
  // A snoozed job counts as pending, and every athlete may have one.
  constexpr auto athletes_max = std::uint32_t{1'000'000};
  result.options.max_ack_pending = athletes_max;
  return result;
}

durable_source_config ingest_durable(const settings& config) {
  return durable_of(config, config.api.service, ingest::v1::ActivitiesPage{},
                    config.api.ingest_in_flight);
}

durable_source_config held_up_durable(const settings& config) {
  return durable_of(config, config.api.service, events::v1::SyncHeldUp{},
                    config.api.ingest_in_flight);
}

std::vector<consumer_options> all_durables(const settings& config) {
  return {job_durable(config).options, ingest_durable(config).options,
          held_up_durable(config).options};
}

std::vector<stream_config> all_streams(const settings& config) {
  std::vector<stream_config> result;
  for (const auto& one : streams()) {
    auto limits = limits_of(config.bus, one.name);
    auto& stream = result.emplace_back();
    stream.name = one.name;
    stream.subjects = one.subjects;
    stream.refuse_when_full = one.refuse_when_full;
    stream.max_age = limits.max_age;
    stream.max_bytes = limits.max_bytes;
    stream.dedupe_window = config.bus.dedupe_window;
  }
  return result;
}

std::vector<std::pair<std::string, milliseconds>> all_buckets() {
  constexpr auto always = milliseconds{0};
  // Beyond the longest back-off. Each message has a key of its own, and what
  // was erased leaves a mark.
  constexpr auto attempts_age = std::chrono::hours{48};
  return {{attempts_bucket, attempts_age}, {budget_bucket, always},
          {leaders_bucket, always},        {nodes_bucket, always},
          {refresh_bucket, always},        {schedules_bucket, always},
          {used_states_bucket, always}};
}

caf::error about(const caf::error& why, const std::string& what) {
  return detail_of(why).starts_with(what) ? why : with_context(why, what);
}

} // namespace stravasync
