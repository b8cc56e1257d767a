#pragma once

#include "actors/consumer/sync.hpp"
#include "messages/error.hpp"
#include "messages/ingest.pb.h"
#include "tests/support/actor_fixture.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// What TOKENS and STRAVA CLIENT shall answer, in order, and what they were
/// asked. With nothing left to answer, they give "token" and a short page.
struct sync_script {
  std::deque<caf::expected<std::string>> tokens;
  std::deque<caf::expected<stravasync::activities_response>> pages;
  std::vector<std::string> rejected; // Of each question for a token.
  std::vector<stravasync::fetch_page> fetched;
};

template <class T>
caf::expected<T> take_front(std::deque<caf::expected<T>>& from, T usual) {
  if (from.empty())
    return usual;
  auto result = std::move(from.front());
  from.pop_front();
  return result;
}

inline stravasync::tokens_actor::behavior_type
scripted_tokens(stravasync::tokens_actor::pointer,
                std::shared_ptr<sync_script> script) {
  using namespace stravasync;
  return {
    [=](const query::v1::LeaseToken& x) -> caf::result<query::v1::AccessToken> {
      script->rejected.push_back(x.rejected());
      auto token = take_front<std::string>(script->tokens, "token");
      if (!token)
        return token.error();
      query::v1::AccessToken result;
      result.set_access_token(*token);
      return result;
    },
    [](const retry_save&) {},
  };
}

inline stravasync::strava_client_actor::behavior_type
scripted_strava(stravasync::strava_client_actor::pointer,
                std::shared_ptr<sync_script> script) {
  using namespace stravasync;
  return {
    [=](const fetch_page& x) -> caf::result<fetched_page> {
      script->fetched.push_back(x);
      auto page = take_front<activities_response>(script->pages,
                                                  {{{1, 1'000, "{}"}}});
      if (!page)
        return page.error();
      return std::make_shared<const activities_response>(std::move(*page));
    },
  };
}

/// A SYNC with pages of two, and the job of page 1 of run "r" of athlete 7.
struct sync_fixture : actor_fixture {
  std::shared_ptr<sync_script> script = std::make_shared<sync_script>();
  stravasync::jobs::v1::SyncAthlete job;
  stravasync::delivery_handler_actor uut;

  sync_fixture() {
    using namespace std::chrono_literals;
    job.set_athlete_id(7);
    job.set_run_id("r");
    job.set_mode(stravasync::jobs::v1::SYNC_MODE_BACKFILL);
    job.set_lane(stravasync::jobs::v1::LANE_USER);
    job.set_page_number(1);
    job.set_run_started_at_ms(t0 - 5);
    job.mutable_position()->set_page(1);
    uut = keep(system().spawn(
      stravasync::sync, context(), std::shared_ptr<stravasync::bus>{bus},
      keep(system().spawn(scripted_tokens, script)),
      keep(system().spawn(scripted_strava, script)),
      stravasync::sync_config{
        .page_size = 2, .snooze_default = 5s, .snooze_forbidden = 900s}));
  }

  /// The job as a delivery.
  [[nodiscard]] std::shared_ptr<const stravasync::delivery>
  delivery_of_job(std::uint32_t delivered) const {
    stravasync::delivery result;
    result.message = stravasync::make_envelope(
      job, {.message_id = stravasync::page_message_id(job.run_id(),
                                                      job.page_number())});
    result.stream = "JOBS";
    result.sequence = 1;
    result.delivered = delivered;
    return std::make_shared<const stravasync::delivery>(std::move(result));
  }

  caf::expected<stravasync::outcome> handle(std::uint32_t delivered = 1) {
    return ask<stravasync::outcome>(
      uut, stravasync::handle_delivery{delivery_of_job(delivered)});
  }

  /// Puts page `number` of the run into INGEST, as an earlier delivery did.
  /// @param following The job it continues with; 0: it is the last.
  void store_page(std::uint32_t number, std::uint32_t following) {
    stravasync::ingest::v1::ActivitiesPage page;
    page.set_athlete_id(job.athlete_id());
    page.set_run_id(job.run_id());
    page.set_page_number(number);
    if (following > 0) {
      *page.mutable_next() = job;
      page.mutable_next()->set_page_number(following);
      page.mutable_next()->mutable_position()->set_before_s(4'711);
    }
    bus->publish(stravasync::make_envelope(page, {}), [](auto&&) {});
    bus->take_log();
  }

  /// The messages of one type, decoded.
  template <class Message>
  [[nodiscard]] std::vector<Message> stored_as() const {
    std::vector<Message> result;
    for (const auto& one : bus->stored(stravasync::subject_filter(Message{})))
      if (Message message; stravasync::decode(one, message))
        result.push_back(std::move(message));
    return result;
  }
};

} // namespace test
