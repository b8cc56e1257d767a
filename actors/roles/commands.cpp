#include "actors/roles/commands.hpp"

#include "actors/ports/store.hpp"
#include "actors/roles/stores.hpp"
#include "adapters/strava/strava_client.hpp"
#include "adapters/strava_sim/simulator.hpp"
#include "adapters/strava_sim/synthetic.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "messages/printable.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace stravasync {

namespace {

int fail(const caf::error& why) {
  std::fprintf(stderr, "stravasync: %s\n", printable(detail_of(why)).c_str());
  return 1;
}

void print(const char* verb, const std::vector<schema_step>& migrations) {
  for (const auto& one : migrations)
    std::printf("%s %04d %s\n", verb, one.version, one.name.c_str());
}

/// Demo athletes have a complete history and no tokens: they are never synced.
caf::error store_demo(transaction& tx, const athlete& who,
                      const std::vector<activity>& rows, unix_ms now) {
  auto known = tx.athletes().get({who.id});
  if (!known)
    return known.error();
  if (!*known) {
    auto created = tx.athletes().create(who);
    if (!created)
      return created.error();
  }
  auto stored = tx.activities().upsert_many(rows);
  if (!stored)
    return stored.error();
  sync_run run;
  run.id = "seed-" + std::to_string(who.id);
  run.athlete_id = who.id;
  run.mode = jobs::v1::SYNC_MODE_BACKFILL;
  run.state = events::v1::SYNC_STATE_COMPLETE;
  run.started_at_ms = run.updated_at_ms = run.finished_at_ms = now;
  run.pages_stored = run.pages_total = 1;
  run.activities_listed = static_cast<std::int64_t>(rows.size());
  auto noted = tx.sync_runs().upsert_many(std::span{&run, 1});
  return noted ? caf::error{} : noted.error();
}

caf::expected<std::size_t>
seed_one(store_session& session, const strava_decoder& decoder, std::int64_t id,
         std::uint64_t seed, std::uint32_t activities, unix_ms now) {
  auto made = strava_sim::synthetic_athlete(id, seed, activities);
  auto who = decoder.decode_athlete(made.athlete_json);
  if (!who)
    return who.error();
  who->connected_at_ms = now;
  std::vector<activity> rows;
  for (const auto& json : made.activities_json) {
    auto row = decoder.decode_activity(json);
    if (!row)
      return row.error();
    row->athlete_id = id;
    row->fetched_at_ms = now;
    row->raw = json;
    who->newest_start_ms = std::max(who->newest_start_ms, row->start_at_ms);
    rows.push_back(std::move(*row));
  }
  auto why = session.write(
    {&id, 1}, [&](transaction& tx) { return store_demo(tx, *who, rows, now); });
  if (why)
    return why;
  std::printf("seeded %s (%lld) with %zu activities\n", who->name.c_str(),
              static_cast<long long>(id), rows.size());
  return rows.size();
}

} // namespace

int fail_command(const caf::error& why) {
  std::fprintf(stderr, "stravasync: %s\n", printable(detail_of(why)).c_str());
  return code_of(why) == ec::invalid_argument ? 2 : 1;
}

int run_migrate(const settings& config, bool dry_run) {
  auto store = database_of(config.store, "stravasync migrate");
  auto pending = store.pending();
  if (!pending)
    return fail(pending.error());
  if (pending->empty()) {
    std::printf("%s is up to date\n", store.description.c_str());
    return 0;
  }
  print("pending", *pending);
  if (dry_run)
    return 0;
  auto applied = store.migrate();
  if (!applied)
    return fail(applied.error());
  print("applied", *applied);
  return 0;
}

int run_seed(const settings& config, std::uint32_t athletes,
             std::uint32_t activities) {
  auto store = database_of(config.store, "stravasync seed");
  if (store.embedded)
    if (auto made = store.migrate(); !made)
      return fail(made.error());
  auto session = store.open();
  if (!session)
    return fail(session.error());
  auto decoder = strava::make_decoder();
  auto now = system_wall_clock()();
  for (auto i = std::uint32_t{0}; i < athletes; ++i) {
    auto seeded = seed_one(**session, *decoder,
                           strava_sim::first_synthetic_athlete + i,
                           config.sim.seed, activities, now);
    if (!seeded)
      return fail(seeded.error());
  }
  return 0;
}

} // namespace stravasync
