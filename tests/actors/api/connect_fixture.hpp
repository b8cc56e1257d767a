#pragma once

#include "actors/api/connect.hpp"
#include "actors/api/oauth_client.hpp"
#include "adapters/strava/strava_client.hpp"
#include "messages/contracts.hpp"
#include "messages/events.pb.h"
#include "messages/jobs.pb.h"
#include "tests/actors/api/fixture.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace test {

inline constexpr auto hour_ms = stravasync::unix_ms{3'600'000};
/// Of a state.
inline constexpr auto lifetime = std::chrono::minutes{30};

/// A CONNECT, and Strava's side of a consent.
struct connect_fixture : api_fixture {
  stravasync::oauth_client_actor strava
    = keep(system().spawn(stravasync::oauth_client, context(),
                          std::shared_ptr<stravasync::strava_oauth>{oauth}));
  stravasync::connect_actor uut = start("n1", cipher);

  stravasync::connect_actor
  start(const std::string& node,
        const std::shared_ptr<const stravasync::token_cipher>& with) {
    return keep(system().spawn(
      stravasync::connect, context(node), store, strava,
      std::shared_ptr<stravasync::strava_oauth>{oauth},
      std::shared_ptr<const stravasync::strava_decoder>{
        stravasync::strava::make_decoder()},
      with, relay, std::shared_ptr<stravasync::key_value>{bus},
      stravasync::connect_config{.redirect_uri = "http://here/callback",
                                 .state_lifetime = lifetime}));
  }

  /// What Strava's redirect brings back if the athlete agrees.
  stravasync::query::v1::FinishConnect begin() {
    auto page = ask<stravasync::query::v1::ConnectUrl>(
      uut, stravasync::query::v1::BeginConnect{});
    REQUIRE(page);
    auto state = page->url().substr(page->url().find("&state=") + 7);
    stravasync::query::v1::FinishConnect result;
    result.set_state(state);
    result.set_proof(page->proof());
    result.set_code("c1");
    result.set_scope(all_scopes);
    return result;
  }

  eventual<stravasync::query::v1::Athlete>
  finish(const stravasync::query::v1::FinishConnect& x,
         const stravasync::connect_actor& node) {
    auto result = ask_later<stravasync::query::v1::Athlete>(node, x);
    run();
    return result;
  }

  void answer(caf::expected<stravasync::token_grant> with) {
    oauth->answer(std::move(with));
    run();
  }

  stravasync::token_grant grant(const std::string& number = "1") const {
    return {"a" + number, "r" + number, *now + 6 * hour_ms,
            R"({"id":7,"firstname":"Ada","username":"ada"})"};
  }

  /// A whole round; its code is exchanged for `with`.
  eventual<stravasync::query::v1::Athlete>
  go_round(const stravasync::token_grant& with,
           const std::string& scope = all_scopes) {
    auto back = begin();
    back.set_scope(scope);
    auto reply = finish(back, uut);
    answer(with);
    return reply;
  }

  std::optional<stravasync::athlete> athlete_row() {
    return look(
      [](stravasync::transaction& tx) { return tx.athletes().get({who}); });
  }

  std::string stored_access_token() {
    auto row = look(
      [](stravasync::transaction& tx) { return tx.credentials().get({who}); });
    return row ? *cipher->open(row->access_token, std::to_string(who)) : "";
  }

  std::optional<stravasync::sync_run> newest_run() {
    return look(
      [](stravasync::transaction& tx) { return tx.queries().newest_run(who); });
  }

  void end_run(const stravasync::sync_run& which,
               stravasync::events::v1::SyncState state) {
    auto ended = which;
    ended.state = state;
    ended.finished_at_ms = *now;
    change([&](stravasync::transaction& tx) {
      return tx.sync_runs().update(ended);
    });
  }

  bool nothing_stored() {
    return !athlete_row() && stored_access_token().empty() && !newest_run()
           && bus->calls("publish") == 0;
  }
};

inline bool is_refused(const eventual<stravasync::query::v1::Athlete>& reply,
                       std::string_view field) {
  return stravasync::code_of(reply.error()) == stravasync::ec::invalid_argument
         && stravasync::detail_of(reply.error()).starts_with(field);
}

} // namespace test
