#include "actors/api/connect.hpp"

#include "actors/api/oauth_state.hpp"
#include "actors/api/profiles.hpp"
#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"
#include "actors/api/scopes.hpp"
#include "actors/api/start_times.hpp"
#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

constexpr auto token_lead_max_ms = unix_ms{86'400'000};

/// The first run of an athlete, or what a new consent makes necessary.
caf::error start_fitting_run(transaction& tx, const athlete& whose,
                             const std::string& scope_before, unix_ms now,
                             std::int64_t overlap_s) {
  auto newest = tx.queries().newest_run(whose.id);
  if (!newest)
    return newest.error();
  if (!may_list_activities(whose.scope)) {
    auto starts = start_after(tx, *newest, now);
    if (!starts)
      return starts.error();
    auto at = *starts;
    sync_run run;
    run.id = "refused-" + std::to_string(whose.id) + "-" + std::to_string(at);
    run.athlete_id = whose.id;
    run.mode = jobs::v1::SYNC_MODE_BACKFILL;
    run.state = events::v1::SYNC_STATE_NEEDS_REAUTH;
    run.reason = "the scope activity:read_all was not granted: without it "
                 "Strava shows no activities";
    run.started_at_ms = run.updated_at_ms = run.finished_at_ms = at;
    auto created = tx.sync_runs().create(run);
    return created ? announce_progress(tx, whose, now, "refused")
                   : created.error();
  }
  const auto& run = *newest;
  if (run && !is_final(static_cast<events::v1::SyncState>(run->state)))
    return announce_progress(tx, whose, now,
                             "reconnected/" + std::to_string(now));
  auto whole = run && has_history(*run)
               && missing_scopes(scope_before) == missing_scopes(whose.scope);
  return start_run(
    tx, whose, run,
    whole ? jobs::v1::SYNC_MODE_INCREMENTAL : jobs::v1::SYNC_MODE_BACKFILL,
    whole ? jobs::v1::LANE_USER : jobs::v1::LANE_BACKFILL, now, overlap_s);
}

caf::error store_credential(transaction& tx, credential next) {
  auto stored = tx.credentials().get({next.athlete_id});
  if (!stored)
    return stored.error();
  if (*stored) {
    // Of two consents at once, stored by two nodes, the later one's tokens
    // live. Tokens live for hours: a longer lead is of a clock that was wrong.
    auto lead_ms = (*stored)->expires_at_ms - next.expires_at_ms;
    if (!(*stored)->revoked && lead_ms > 0 && lead_ms < token_lead_max_ms)
      return {};
    next.version = (*stored)->version + 1;
    return tx.credentials().update(next);
  }
  auto created = tx.credentials().create(next);
  return created ? caf::error{} : created.error();
}

} // namespace

connect_state::connect_state(
  connect_actor::stateful_pointer<connect_state> self)
  : self_{self} {
}

connect_actor::behavior_type connect_state::make_behavior(
  actor_context context, store_access store, oauth_client_actor oauth,
  std::shared_ptr<strava_oauth> urls,
  std::shared_ptr<const strava_decoder> decoder,
  std::shared_ptr<const token_cipher> cipher, outbox_relay_actor relay,
  std::shared_ptr<key_value> kv, connect_config config) {
  context_ = std::move(context);
  store_ = std::move(store);
  oauth_ = std::move(oauth);
  urls_ = std::move(urls);
  decoder_ = std::move(decoder);
  cipher_ = std::move(cipher);
  relay_ = std::move(relay);
  kv_ = std::move(kv);
  config_ = std::move(config);
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const query::v1::BeginConnect&) { return begin(); },
    [this](
      const query::v1::FinishConnect& x) -> caf::result<query::v1::Athlete> {
      auto to = kit::make_promise<query::v1::Athlete>(self_);
      finish(x, to);
      return to;
    });
}

query::v1::ConnectUrl connect_state::begin() {
  auto expires_at = context_.now() + config_.state_lifetime.count();
  auto state = make_oauth_state(*cipher_, expires_at);
  query::v1::ConnectUrl result;
  result.set_url(urls_->authorize_url(config_.redirect_uri, state));
  result.set_proof(make_browser_proof(*cipher_, state));
  result.set_lifetime_s(static_cast<std::uint32_t>(
    std::chrono::ceil<std::chrono::seconds>(config_.state_lifetime).count()));
  result.set_state(std::move(state));
  return result;
}

void connect_state::finish(const query::v1::FinishConnect& x, const reply& to) {
  if (auto why = check_oauth_state(*cipher_, x.state(), context_.now(),
                                   config_.state_lifetime))
    return to.deliver(std::move(why));
  if (x.error() == "access_denied")
    return to.deliver(make_failure(ec::invalid_argument,
                                   "error: access_denied - you chose not "
                                   "to connect, so nothing was stored"));
  if (!x.error().empty())
    return to.deliver(make_failure(ec::invalid_argument,
                                   "error: Strava answered " + x.error()));
  if (x.code().empty())
    return to.deliver(
      make_failure(ec::invalid_argument, "code: is missing in the redirect"));
  if (!same_signature(x.proof(), make_browser_proof(*cipher_, x.state())))
    return to.deliver(bad_state("was not given to this browser, or it keeps no "
                                "cookies; start again at /connect"));
  auto scope = parse_scopes(x.scope());
  if (!scope)
    return to.deliver(std::move(scope.error()));
  use_up(x.state(), to, [this, to, code = x.code(), scope = std::move(*scope)] {
    exchange(code, scope, to);
  });
}

void connect_state::use_up(std::string_view state, const reply& to,
                           std::function<void()> then) {
  auto written = [this, to, then = std::move(then)](
                   const caf::expected<std::uint64_t>& revision) {
    if (revision) {
      then();
      return forget_expired();
    }
    if (code_of(revision.error()) == ec::conflict)
      return to.deliver(bad_state("was used already; start again at /connect"));
    to.deliver(revision.error());
  };
  kv_->put(used_states_bucket, used_state_key(state), context_.node, 0,
           kit::in_actor(self_, std::move(written)));
}

void connect_state::forget_expired() {
  auto now = context_.now();
  auto since = now - looked_for_expired_ms_;
  if (since >= 0 && since < config_.state_lifetime.count())
    return;
  looked_for_expired_ms_ = now;
  auto found = [this](const caf::expected<std::vector<std::string>>& keys) {
    if (!keys)
      return; // Looked for again with a later consent.
    for (const auto& key : *keys)
      if (is_used_state_over(key, context_.now(), config_.state_lifetime))
        kv_->erase(used_states_bucket, key, [](const caf::expected<bool>&) {});
  };
  kv_->keys(used_states_bucket, kit::in_actor(self_, std::move(found)));
}

void connect_state::exchange(const std::string& code, const std::string& scope,
                             const reply& to) {
  self_->request(oauth_, caf::infinite, exchange_code{code})
    .then(
      [this, to, scope](const token_grant& grant) {
        exchanged(granted_scopes(grant.scope, scope), grant, to);
      },
      [to](const caf::error& why) {
        // Here a dead code is bad input, not an athlete to be asked again.
        if (code_of(why) == ec::rejected)
          return to.deliver(make_failure(
            ec::invalid_argument, "code: it is refused (" + detail_of(why)
                                    + "); start again at /connect"));
        if (code_of(why) == ec::needs_reauth)
          return to.deliver(make_failure(
            ec::invalid_argument,
            "code: Strava does not accept it (used or expired); start "
            "again at /connect"));
        to.deliver(why);
      });
}

void connect_state::exchanged(const std::string& scope,
                              const token_grant& grant, const reply& to) {
  auto decoded = decoder_->decode_athlete(grant.athlete_json);
  if (!decoded)
    return to.deliver(with_context(decoded.error(), "Strava's athlete"));
  auto now = context_.now();
  auto who = std::move(*decoded);
  who.scope = scope;
  who.connected_at_ms = now;
  auto owner = std::to_string(who.id);
  credential keys{.athlete_id = who.id,
                  .access_token = cipher_->seal(grant.access_token, owner),
                  .refresh_token = cipher_->seal(grant.refresh_token, owner),
                  .expires_at_ms = grant.expires_at_ms};
  auto work = [who, keys, now, overlap_s = config_.incremental_overlap_s](
                transaction& tx, query::v1::Athlete& out) -> caf::error {
    auto stored = who;
    std::string scope_before;
    if (auto why = store_athlete(tx, stored, scope_before))
      return why;
    if (auto why = store_credential(tx, keys))
      return why;
    if (auto why = record_profile(tx, who, now))
      return why;
    events::v1::AthleteConnected fact;
    fact.set_athlete_id(who.id);
    fact.set_scope(who.scope);
    fact.set_at_ms(now);
    auto id = "connected/" + std::to_string(who.id) + "/" + std::to_string(now);
    if (auto why = enqueue(tx, make_envelope(fact, {.message_id = id}), now))
      return why;
    if (auto why = start_fitting_run(tx, stored, scope_before, now, overlap_s))
      return why;
    out = to_message(stored);
    return {};
  };
  write_store_of<query::v1::Athlete>(
    self_, store_, who.id, work,
    [this, to](caf::expected<query::v1::Athlete> got) {
      if (got) {
        context_.journal->info(
          "an athlete connected",
          {{"athlete", got->id()}, {"scope", got->scope()}});
        self_->send(relay_, outbox_filled{});
      }
      to.deliver(std::move(got));
    });
}

connect_actor::behavior_type
connect(connect_actor::stateful_pointer<connect_state> self,
        actor_context context, store_access store, oauth_client_actor oauth,
        std::shared_ptr<strava_oauth> urls,
        std::shared_ptr<const strava_decoder> decoder,
        std::shared_ptr<const token_cipher> cipher, outbox_relay_actor relay,
        std::shared_ptr<key_value> kv, connect_config config) {
  return self->state.make_behavior(
    std::move(context), std::move(store), std::move(oauth), std::move(urls),
    std::move(decoder), std::move(cipher), std::move(relay), std::move(kv),
    std::move(config));
}

} // namespace stravasync
