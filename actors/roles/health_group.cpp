#include "actors/api/oauth_state.hpp"
#include "actors/api/refresh_claims.hpp"
#include "actors/consumer/budget.hpp"
#include "actors/nodes/health_trials.hpp"
#include "actors/nodes/presence.hpp"
#include "actors/roles/durables.hpp"
#include "actors/roles/group.hpp"
#include "actors/roles/groups.hpp"
#include "actors/schedule_state.hpp"
#include "messages/error.hpp"

#include <filesystem>
#include <set>
#include <utility>

namespace stravasync {

namespace {

constexpr auto schedules_part = "schedules";

/// Asks a store session, by way of EDGE. What ends the session is told of by
/// its guardian.
template <class Work>
ask_store asking(const caf::actor& edge, const store_session_actor& session) {
  return [=](const std::function<caf::error(transaction&)>& run,
             const completion<bool>& done) {
    auto ask = [=](caf::event_based_actor* self) {
      self->request(session, caf::infinite, Work{run})
        .then([done] { done(true); },
              [done](const caf::error& why) {
                if (code_of(why) == ec::unavailable)
                  return done(false);
                done(why);
              });
    };
    caf::anon_send(edge, edge_call{ask});
  };
}

health_trial try_schedule(std::shared_ptr<key_value> kv, const schedule& what,
                          wall_clock now) {
  using entry = std::optional<key_value_entry>;
  auto look = [=](const completion<bool>& done) {
    kv->get(schedules_bucket, what.name, [=](const caf::expected<entry>& got) {
      // That there is no answer is the bucket's trouble. What breaks a rule is
      // begun anew, as what is not there yet.
      if (!got)
        return done(false);
      auto state = *got ? read_schedule((*got)->value) : std::nullopt;
      auto why = state ? lateness_of(what, *state, now()) : std::string{};
      done(why.empty() ? caf::expected<bool>{true}
                       : make_failure(ec::unavailable, why));
    });
  };
  return {schedules_part, what.name, look};
}

/// Whatever this node's actors subscribe to.
std::vector<consumer_options> durables_of(const settings& config) {
  std::vector<consumer_options> result;
  if (config.node.has(role::api))
    result = {ingest_durable(config).options, held_up_durable(config).options};
  if (config.node.has(role::consumer))
    result.push_back(job_durable(config).options);
  return result;
}

/// Where this node's actors write.
std::set<std::string> buckets_of(const node_settings& node) {
  std::set<std::string> result{nodes_bucket};
  if (node.has(role::api))
    result.insert({refresh_bucket, used_states_bucket, attempts_bucket});
  if (node.has(role::consumer))
    result.insert({budget_bucket, attempts_bucket});
  if (node.has(role::worker))
    result.insert({leaders_bucket, schedules_bucket});
  return result;
}

/// Where this node's files are.
std::set<std::string> folders_of(const settings& config) {
  auto folder_of = [](const std::string& file) {
    auto folder = std::filesystem::path{file}.parent_path().string();
    return folder.empty() ? "." : folder;
  };
  std::set<std::string> result;
  if (config.bus.embedded())
    result.insert(folder_of(config.bus.path));
  auto file = config.store.sqlite_path();
  if (config.node.has(role::api) && !file.empty())
    result.insert(folder_of(file));
  return result;
}

std::vector<health_trial>
trials_of(const node_parts& parts, const caf::actor& edge,
          const store_access& store) {
  const auto& config = parts.config;
  const auto& now = parts.context.now;
  std::vector<health_trial> result;
  result.push_back(try_streams(parts.messages,
                               {all_streams(config), durables_of(config)},
                               parts.health, now));
  auto written = buckets_of(config.node);
  for (const auto& one : written)
    result.push_back(try_bucket(parts.messages, one, parts.health));
  result.push_back(try_failed_buckets(parts.messages, written, parts.health));
  for (const auto& one : folders_of(config))
    result.push_back(try_disk(one, config.node.disk_free_min));
  if (config.node.has(role::api)) {
    result.push_back(
      try_database(asking<store_write>(edge, store.writer), parts.health, now));
    result.push_back(
      try_database_reads(asking<store_read>(edge, store.reader)));
  }
  if (config.node.has(role::api) || config.node.has(role::worker))
    for (const auto& one : make_schedules(config.sync))
      result.push_back(try_schedule(parts.messages, one, now));
  return result;
}

} // namespace

std::vector<kit::child_spec>
make_health_group(caf::actor_system& system, const node_parts& parts,
                  const caf::actor& edge, const store_access& store) {
  group all{system, drain_of(parts.config)};
  // An api node serves while no worker leads: it says so and no more.
  if (!parts.config.node.has(role::worker))
    parts.health.not_needed(schedules_part);
  all.add<caf::actor>("check", [=, trials = trials_of(parts, edge, store)](
                                 caf::actor_system& sys) {
    return sys.spawn<caf::detached>(health_check, parts.context, parts.health,
                                    trials, health_check_config{});
  });
  return all.take();
}

} // namespace stravasync
