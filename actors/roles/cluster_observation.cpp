#include "actors/roles/cluster_observation.hpp"

#include <map>
#include <string>
#include <utility>

namespace stravasync {

namespace {

using telemetry::families;
using telemetry::label_map;
using telemetry::sample_family;

constexpr auto ms_per_s = 1e3;
constexpr auto letters_stream = "DLQ";

sample_family gauge(std::string name, std::string help) {
  return {"stravasync_" + std::move(name),
          std::move(help),
          sample_family::kind::gauge,
          {}};
}

template <class Number>
void add(sample_family& to, label_map labels, Number value) {
  to.samples.push_back({std::move(labels), static_cast<double>(value)});
}

void add_streams(families& to, const query::v1::StreamList& from) {
  auto messages = gauge("stream_messages", "Messages that the stream holds.");
  auto bytes = gauge("stream_bytes", "Bytes that the stream holds.");
  auto pending = gauge("durable_pending_messages",
                       "Messages that the durable has not delivered yet.");
  auto ack_pending
    = gauge("durable_ack_pending_messages",
            "Messages that the durable delivered and that are not settled.");
  auto redelivered = gauge("durable_redelivered_messages",
                           "Those not settled that were delivered more than "
                           "once.");
  auto letters = gauge("dead_letters", "Messages that were given up on.");
  for (const auto& stream : from.streams()) {
    add(messages, {{"stream", stream.name()}}, stream.messages());
    add(bytes, {{"stream", stream.name()}}, stream.bytes());
    if (stream.name() == letters_stream)
      add(letters, {}, stream.messages());
    for (const auto& durable : stream.durables()) {
      auto labels = label_map{{"stream", stream.name()},
                              {"durable", durable.name()}};
      add(pending, labels, durable.pending());
      add(ack_pending, labels, durable.ack_pending());
      add(redelivered, labels, durable.redelivered());
    }
  }
  for (auto* one :
       {&messages, &bytes, &pending, &ack_pending, &redelivered, &letters})
    to.push_back(std::move(*one));
}

void add_budget(families& to, const query::v1::Budget& from) {
  auto limit = gauge("budget_limit_requests",
                     "Requests that Strava allows in a window.");
  auto used = gauge("budget_used_requests",
                    "Requests of this window that are used.");
  auto left = gauge("budget_left_requests",
                    "Requests of this window that are left.");
  auto resets = gauge("budget_reset_timestamp_seconds",
                      "When the window ends, as time since 1970.");
  for (const auto& one : from.gauges()) {
    if (one.limit() == 0)
      continue; // Nobody has asked Strava yet.
    auto labels = label_map{{"window", one.name()}};
    add(limit, labels, one.limit());
    add(used, labels, one.used());
    add(left, labels, one.used() < one.limit() ? one.limit() - one.used() : 0);
    add(resets, labels, static_cast<double>(one.resets_at_ms()) / ms_per_s);
  }
  for (auto* one : {&limit, &used, &left, &resets})
    to.push_back(std::move(*one));
}

void add_schedules(families& to, const query::v1::ScheduleList& from) {
  auto last = gauge("schedule_last_run_timestamp_seconds",
                    "When the schedule's last run began, as time since 1970: "
                    "time() minus this is its age.");
  auto failed = gauge("schedule_last_run_failed",
                      "1 if the schedule's last run failed.");
  auto next = gauge("schedule_next_run_timestamp_seconds",
                    "When the schedule runs next, as time since 1970.");
  auto renewed = gauge("schedule_leader_renewed_timestamp_seconds",
                       "When the worker that leads the schedules last said "
                       "so, as time since 1970.");
  for (const auto& one : from.schedules()) {
    auto labels = label_map{{"schedule", one.name()}};
    if (one.next_slot_ms() > 0)
      add(next, labels, static_cast<double>(one.next_slot_ms()) / ms_per_s);
    if (!one.has_last_run())
      continue;
    const auto& run = one.last_run();
    add(last, labels, static_cast<double>(run.started_at_ms()) / ms_per_s);
    add(failed, labels, run.state() == state::v1::RUN_STATE_FAILED ? 1 : 0);
  }
  if (!from.leader().empty())
    add(renewed, {},
        static_cast<double>(from.leader_renewed_at_ms()) / ms_per_s);
  for (auto* one : {&last, &failed, &next, &renewed})
    to.push_back(std::move(*one));
}

void add_nodes(families& to, const query::v1::NodeList& from) {
  std::map<std::pair<std::string, std::string>, int> counts;
  for (const auto& node : from.nodes())
    for (const auto& role : node.roles())
      ++counts[{role, node.state()}];
  auto nodes = gauge("nodes",
                     "Nodes that are known, by role and by whether "
                     "they are up; one with several roles is in each.");
  for (const auto& [key, count] : counts)
    add(nodes, {{"role", key.first}, {"state", key.second}}, count);
  to.push_back(std::move(nodes));
}

} // namespace

families cluster_families(const cluster_figures& of) {
  families result;
  if (!of.age)
    return result;
  auto age = gauge("cluster_age_seconds",
                   "Age of what is told of streams, durables, budget, "
                   "schedules and nodes.");
  add(age, {}, static_cast<double>(of.age->count()) / ms_per_s);
  result.push_back(std::move(age));
  add_streams(result, of.streams);
  add_budget(result, of.budget);
  add_schedules(result, of.schedules);
  add_nodes(result, of.nodes);
  return result;
}

sample_family bus_family(bool answers) {
  auto result = gauge("bus_up", "1 if the bus answers this node.");
  add(result, {}, answers ? 1 : 0);
  return result;
}

} // namespace stravasync
