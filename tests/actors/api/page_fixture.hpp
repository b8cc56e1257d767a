#pragma once

#include "actors/api/ingest_writer.hpp"
#include "adapters/strava/strava_client.hpp"
#include "messages/contracts.hpp"
#include "messages/ingest.pb.h"
#include "tests/actors/api/fixture.hpp"

#include <memory>
#include <string>
#include <vector>

namespace test {

/// An INGEST WRITER and the pages it is given.
struct page_fixture : api_fixture {
  using page = stravasync::ingest::v1::ActivitiesPage;
  using verdict = stravasync::outcome::verdict;

  /// However small a history is, a share of it may be deleted.
  stravasync::delivery_handler_actor writer = keep(
    system().spawn(stravasync::ingest_writer, context(), store,
                   std::shared_ptr<const stravasync::strava_decoder>{
                     stravasync::strava::make_decoder()},
                   relay,
                   stravasync::ingest_config{.deletions = {.share_from = 0},
                                             .durable = "api__page"}));

  static std::string json(std::int64_t id, const std::string& name = "Run") {
    return R"({"id":)" + std::to_string(id) + R"(,"name":")" + name
           + R"(","sport_type":"Run","start_date":"2023-11-01T08:00:0)"
           + std::to_string(id % 10) + R"(Z"})";
  }

  /// A page of run `run_id` that another page follows.
  page make_page(const std::string& run_id, std::uint32_t number,
                 const std::vector<std::int64_t>& ids) const {
    page result;
    result.set_athlete_id(who);
    result.set_run_id(run_id);
    result.set_mode(stravasync::jobs::v1::SYNC_MODE_BACKFILL);
    result.set_page_number(number);
    result.set_run_started_at_ms(t0);
    result.set_fetched_at_ms(*now);
    for (auto id : ids)
      result.add_activities_json(json(id));
    result.mutable_next()->set_athlete_id(who);
    result.mutable_next()->set_run_id(run_id);
    result.mutable_next()->set_page_number(number + 1);
    return result;
  }

  /// The same, the run's last one.
  page last_page(const std::string& run_id, std::uint32_t number,
                 const std::vector<std::int64_t>& ids) const {
    auto result = make_page(run_id, number, ids);
    result.clear_next();
    return result;
  }

  /// The whole of a re-list in one page.
  page relist(const std::string& run_id,
              const std::vector<std::int64_t>& ids) const {
    auto result = last_page(run_id, 1, ids);
    result.set_mode(stravasync::jobs::v1::SYNC_MODE_RELIST);
    return result;
  }

  /// Hands `message` to `handler` as a delivery.
  stravasync::outcome hand(const stravasync::delivery_handler_actor& handler,
                           const google::protobuf::Message& message) {
    auto what = std::make_shared<stravasync::delivery>();
    what->message = stravasync::make_envelope(message, {.message_id = "m"});
    auto got = ask<stravasync::outcome>(handler,
                                        stravasync::handle_delivery{what});
    REQUIRE(got);
    return *got;
  }

  /// @returns whether the page may go from the stream.
  bool stores(const page& what) {
    return hand(writer, what).decision == verdict::ack;
  }
};

} // namespace test
