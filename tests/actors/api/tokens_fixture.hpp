#pragma once

#include "actors/api/oauth_client.hpp"
#include "actors/api/tokens.hpp"
#include "tests/actors/api/fixture.hpp"

#include <memory>
#include <string>
#include <utility>

namespace test {

inline constexpr auto hour_ms = stravasync::unix_ms{3'600'000};

/// Athletes with tokens, Strava's OAuth by script, and TOKENS of any node.
struct tokens_fixture : api_fixture {
  using lease = stravasync::query::v1::AccessToken;

  stravasync::oauth_client_actor strava
    = keep(system().spawn(stravasync::oauth_client, context(),
                          std::shared_ptr<stravasync::strava_oauth>{oauth}));
  stravasync::tokens_actor uut = start(cipher);

  stravasync::tokens_actor
  start(const std::shared_ptr<const stravasync::token_cipher>& with,
        const std::string& node = "n1") {
    return keep(system().spawn(stravasync::tokens, context(node), store, strava,
                               with,
                               std::shared_ptr<stravasync::key_value>{bus}));
  }

  /// Connects the athlete with the tokens "a1" and "r1".
  void add_tokens(stravasync::unix_ms expires_at_ms) {
    add_athlete();
    change([&](stravasync::transaction& tx) -> caf::error {
      auto made = tx.credentials().create(sealed("a1", "r1", expires_at_ms, 1));
      return made ? caf::error{} : made.error();
    });
  }

  stravasync::credential
  sealed(const std::string& access, const std::string& refresh,
         stravasync::unix_ms expires_at_ms, std::int64_t version) const {
    auto owner = std::to_string(who);
    return {.athlete_id = who,
            .access_token = cipher->seal(access, owner),
            .refresh_token = cipher->seal(refresh, owner),
            .expires_at_ms = expires_at_ms,
            .version = version};
  }

  stravasync::credential stored() {
    return *look(
      [](stravasync::transaction& tx) { return tx.credentials().get({who}); });
  }

  std::string opened(const std::string& token) const {
    return *cipher->open(token, std::to_string(who));
  }

  eventual<lease> ask_for(const std::string& rejected = {}) {
    return ask_node(uut, rejected);
  }

  eventual<lease> ask_node(const stravasync::tokens_actor& node,
                           const std::string& rejected = {}) {
    stravasync::query::v1::LeaseToken x;
    x.set_athlete_id(who);
    x.set_rejected(rejected);
    auto result = ask_later<lease>(node, x);
    run();
    return result;
  }

  void answer(caf::expected<stravasync::token_grant> with) {
    oauth->answer(std::move(with));
    run();
  }

  stravasync::token_grant second_grant() const {
    return {"a2", "r2", *now + 6 * hour_ms, {}};
  }
};

inline std::string token_in(const eventual<tokens_fixture::lease>& reply) {
  return reply.came() && **reply.slot ? (**reply.slot)->access_token()
                                      : std::string{};
}

} // namespace test
