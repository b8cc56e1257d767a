#pragma once

#include "actors/api/athletes.hpp"
#include "actors/api/reconciler.hpp"
#include "messages/error.hpp"
#include "messages/events.pb.h"
#include "messages/jobs.pb.h"
#include "tests/actors/api/tokens_fixture.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace test {

/// ATHLETES and what it needs, with one question a method.
struct athletes_fixture : tokens_fixture {
  stravasync::reconciler_actor reconciler
    = keep(system().spawn(stravasync::reconciler, context(), store,
                          std::shared_ptr<stravasync::bus>{bus}, relay,
                          stravasync::reconciler_config{}));
  stravasync::athletes_actor athletes = keep(
    system().spawn(stravasync::athletes, context(), store, uut, strava, cipher,
                   relay, reconciler, stravasync::athletes_config{}));

  caf::expected<stravasync::query::v1::AthleteList>
  list(const std::string& cursor = {}, std::uint32_t limit = 2) {
    stravasync::query::v1::ListAthletes x;
    x.set_cursor(cursor);
    x.set_limit(limit);
    return ask<stravasync::query::v1::AthleteList>(athletes, x);
  }

  caf::expected<stravasync::query::v1::Athlete> get() {
    stravasync::query::v1::GetAthlete x;
    x.set_id(who);
    return ask<stravasync::query::v1::Athlete>(athletes, x);
  }

  caf::expected<stravasync::events::v1::SyncStatus> status() {
    stravasync::query::v1::GetSync x;
    x.set_athlete_id(who);
    return ask<stravasync::events::v1::SyncStatus>(athletes, x);
  }

  caf::expected<stravasync::events::v1::SyncStatus>
  start_sync(stravasync::jobs::v1::SyncMode mode
             = stravasync::jobs::v1::SYNC_MODE_INCREMENTAL) {
    stravasync::query::v1::StartSync x;
    x.set_athlete_id(who);
    x.set_mode(mode);
    return ask<stravasync::events::v1::SyncStatus>(athletes, x);
  }

  caf::expected<stravasync::query::v1::Disconnected> disconnect() {
    stravasync::query::v1::DisconnectAthlete x;
    x.set_id(who);
    return ask<stravasync::query::v1::Disconnected>(athletes, x);
  }

  /// The codes of every question, in the order above.
  std::vector<stravasync::ec> codes_of_all() {
    auto code = [](const auto& got) {
      return got ? stravasync::ec::none : stravasync::code_of(got.error());
    };
    return {code(list()), code(get()), code(status()), code(start_sync()),
            code(disconnect())};
  }

  void add_run(stravasync::events::v1::SyncState state,
               stravasync::jobs::v1::SyncMode mode
               = stravasync::jobs::v1::SYNC_MODE_BACKFILL) {
    change([&](stravasync::transaction& tx) -> caf::error {
      auto made = tx.sync_runs().create({.id = "before",
                                         .athlete_id = who,
                                         .mode = mode,
                                         .state = state,
                                         .started_at_ms = t0 - 1});
      return made ? caf::error{} : made.error();
    });
  }

  void add_activities(const std::vector<std::int64_t>& ids) {
    change([&](stravasync::transaction& tx) -> caf::error {
      for (auto id : ids)
        if (auto made = tx.activities().create(
              {.id = id, .athlete_id = who, .sport_type = "Run"});
            !made)
          return made.error();
      return {};
    });
  }

  bool is_stored() {
    return look([](stravasync::transaction& tx) {
             return tx.athletes().get({who});
           })
      .has_value();
  }
};

} // namespace test
