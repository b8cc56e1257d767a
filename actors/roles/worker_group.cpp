#include "actors/roles/durables.hpp"
#include "actors/roles/group.hpp"
#include "actors/roles/groups.hpp"
#include "actors/worker/feeder.hpp"
#include "actors/worker/history_keeper.hpp"
#include "actors/worker/leader.hpp"
#include "actors/worker/scheduler.hpp"
#include "config/cron.hpp"
#include "config/quantity.hpp"

namespace stravasync {

namespace {

slot_plan plan_cron(const std::string& line) {
  // Checked when the settings were loaded.
  auto times = *cron::parse(line);
  auto point = [](unix_ms t) {
    return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<milliseconds>{milliseconds{t}});
  };
  auto since_epoch = [](cron::time_point t) {
    return unix_ms{milliseconds{t.time_since_epoch()}.count()};
  };
  return {"cron " + line,
          [=](unix_ms t) { return since_epoch(times.latest_by(point(t))); },
          [=](unix_ms t) { return since_epoch(times.next_after(point(t))); }};
}

} // namespace

std::vector<schedule> make_schedules(const sync_settings& config) {
  std::vector<schedule> result;
  auto add = [&](const char* name, milliseconds every, const std::string& line,
                 jobs::v1::SyncMode mode) {
    if (!line.empty())
      result.push_back({name, plan_cron(line), mode});
    else if (every.count() > 0)
      result.push_back(
        {name, plan_every(every, "every " + format_duration(every)), mode});
  };
  add("incremental", config.incremental_every, config.incremental_cron,
      jobs::v1::SYNC_MODE_INCREMENTAL);
  add("relist", config.relist_every, config.relist_cron,
      jobs::v1::SYNC_MODE_RELIST);
  return result;
}

std::vector<kit::child_spec>
make_worker_group(caf::actor_system& system, const node_parts& parts,
                  const athletes_actor& athletes) {
  group all{system, drain_of(parts.config)};
  const auto& config = parts.config;
  feeder_config feeding;
  feeding.publishers = config.worker.publishers;
  feeding.incremental_overlap_s
    = std::chrono::duration_cast<std::chrono::seconds>(
        config.sync.incremental_overlap)
        .count();
  feeding.jobs_durable = job_durable(config).options.durable;
  // Outlives restarts of its actors, which then find it revoked.
  auto role = std::make_shared<leadership>(system_monotonic_clock());
  all.add<caf::actor>(
    "leader",
    [=, leading = leader_config{config.worker.lease}](caf::actor_system& sys) {
      return sys.spawn(leader, parts.context, parts.messages, role, leading);
    });
  all.add<history_keeper_actor>("history-keeper", [=](caf::actor_system& sys) {
    return sys.spawn(history_keeper, parts.context, parts.messages, role,
                     history_keeper_config{});
  });
  auto publishes = all.add<feeder_actor>("feeder", [=](caf::actor_system& sys) {
    return sys.spawn(feeder, parts.context, parts.messages, role, athletes,
                     feeding);
  });
  all.add<caf::actor>("scheduler", [=, schedules = make_schedules(config.sync)](
                                     caf::actor_system& sys) {
    return sys.spawn(scheduler, parts.context, parts.messages, role, publishes,
                     schedules);
  });
  return all.take();
}

} // namespace stravasync
