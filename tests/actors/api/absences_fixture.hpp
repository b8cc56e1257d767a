#pragma once

#include "actors/api/absences.hpp"
#include "tests/actors/api/page_fixture.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace test {

/// Pages are stored by the rules that hold if nothing is set.
struct absences_fixture : page_fixture {
  absences_fixture() {
    start({});
  }

  void start(const stravasync::deletion_rules& rules) {
    writer = keep(system().spawn(
      stravasync::ingest_writer, context(), store,
      std::shared_ptr<const stravasync::strava_decoder>{
        stravasync::strava::make_decoder()},
      relay,
      stravasync::ingest_config{.deletions = rules, .durable = "api__page"}));
  }

  /// A whole history, fetched now.
  void store_history(const std::vector<std::int64_t>& which) {
    CHECK(stores(last_page("first", 1, which)));
  }

  static std::vector<std::int64_t> first(std::int64_t count) {
    std::vector<std::int64_t> result;
    for (auto id = 1; id <= count; ++id)
      result.push_back(id);
    return result;
  }

  stravasync::absence_summary absences() {
    return look([](stravasync::transaction& tx) {
      return tx.queries().absences_of(who);
    });
  }

  caf::error confirm(std::int64_t missing) {
    stravasync::query::v1::ConfirmDeletions asked;
    asked.set_athlete_id(who);
    asked.set_missing_activities(missing);
    return direct->write([&](stravasync::transaction& tx) {
      return stravasync::confirm_deletions(tx, asked, *now);
    });
  }

  /// Adds what the outbox holds to the bus.
  void relay_all() {
    self()->send(relay, stravasync::outbox_filled{});
    run();
  }
};

} // namespace test
