#include "actors/roles/group.hpp"
#include "actors/roles/groups.hpp"
#include "actors/worker/feeder.hpp"
#include "actors/worker/scheduler.hpp"

namespace stravasync {

namespace {

std::vector<schedule> make_schedules(const sync_settings& config) {
  std::vector<schedule> result;
  if (config.incremental_every.count() > 0)
    result.push_back({"incremental", config.incremental_every,
                      jobs::v1::SYNC_MODE_INCREMENTAL});
  if (config.relist_every.count() > 0)
    result.push_back(
      {"relist", config.relist_every, jobs::v1::SYNC_MODE_RELIST});
  return result;
}

} // namespace

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
  auto publishes = all.add<feeder_actor>("feeder", [=](caf::actor_system& sys) {
    return sys.spawn(feeder, parts.context, parts.messages, athletes, feeding);
  });
  all.add<caf::actor>("scheduler", [=, schedules = make_schedules(config.sync)](
                                     caf::actor_system& sys) {
    return sys.spawn(scheduler, parts.context, parts.messages, publishes,
                     schedules);
  });
  return all.take();
}

} // namespace stravasync
