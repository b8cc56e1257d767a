#include "actors/api/athletes.hpp"

#include "actors/api/absences.hpp"
#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"
#include "actors/api/start_times.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <utility>

namespace stravasync {

namespace {

using events::v1::SyncStatus;

struct start_result {
  SyncStatus status;
  bool was_running = false;
};

/// Starts a run unless one goes on already, which then is the answer.
caf::error
start_unless_running(transaction& tx, const query::v1::StartSync& x,
                     unix_ms now, std::int64_t overlap_s, start_result& out) {
  auto who = find_athlete(tx, x.athlete_id());
  if (!who)
    return who.error();
  auto keys = tx.credentials().get({x.athlete_id()});
  if (!keys)
    return keys.error();
  if (!*keys || (*keys)->revoked || !may_list_activities(who->scope))
    return make_failure(ec::needs_reauth,
                        "Strava does not let us list this athlete's "
                        "activities: the athlete has to connect again");
  auto newest = tx.queries().newest_run(x.athlete_id());
  if (!newest)
    return newest.error();
  out.was_running
    = *newest
      && !is_final(static_cast<events::v1::SyncState>((*newest)->state));
  if (!out.was_running) {
    // Without a whole history an incremental run would leave holes.
    auto mode = x.mode();
    if (!*newest || !has_history(**newest))
      mode = jobs::v1::SYNC_MODE_BACKFILL;
    if (auto why = start_run(tx, *who, *newest, mode, jobs::v1::LANE_USER, now,
                             overlap_s))
      return why;
  }
  auto status = find_status(tx, *who, now);
  if (!status)
    return status.error();
  out.status = std::move(*status);
  return {};
}

caf::error erase_athlete(transaction& tx, std::int64_t id, unix_ms now,
                         query::v1::Disconnected& out) {
  auto who = find_athlete(tx, id);
  if (!who)
    return who.error();
  auto stored = tx.queries().count_activities(id);
  if (!stored)
    return stored.error();
  auto erased = tx.athletes().erase({id});
  if (!erased)
    return erased.error();
  out.set_activities_deleted(static_cast<std::uint64_t>(*stored));
  events::v1::AthleteDisconnected fact;
  fact.set_athlete_id(id);
  fact.set_at_ms(now);
  auto message_id = "disconnected/" + std::to_string(id) + "/"
                    + std::to_string(now);
  return enqueue(tx, make_envelope(fact, {.message_id = message_id}), now);
}

} // namespace

athletes_state::athletes_state(
  athletes_actor::stateful_pointer<athletes_state> self)
  : self_{self} {
}

athletes_actor::behavior_type
athletes_state::make_behavior(actor_context context, store_access store,
                              tokens_actor tokens, oauth_client_actor oauth,
                              std::shared_ptr<const token_cipher> cipher,
                              outbox_relay_actor relay,
                              reconciler_actor reconciler,
                              athletes_config config) {
  context_ = std::move(context);
  store_ = std::move(store);
  tokens_ = std::move(tokens);
  oauth_ = std::move(oauth);
  cipher_ = std::move(cipher);
  relay_ = std::move(relay);
  reconciler_ = std::move(reconciler);
  config_ = config;
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](
      const query::v1::ListAthletes& x) -> caf::result<query::v1::AthleteList> {
      auto to = kit::make_promise<query::v1::AthleteList>(self_);
      list(x, to);
      return to;
    },
    [this](const query::v1::GetAthlete& x) -> caf::result<query::v1::Athlete> {
      auto to = kit::make_promise<query::v1::Athlete>(self_);
      get(x.id(), to);
      return to;
    },
    [this](const query::v1::DisconnectAthlete& x)
      -> caf::result<query::v1::Disconnected> {
      auto to = kit::make_promise<query::v1::Disconnected>(self_);
      disconnect(x.id(), to);
      return to;
    },
    [this](const query::v1::StartSync& x) -> caf::result<SyncStatus> {
      auto to = kit::make_promise<SyncStatus>(self_);
      start(x, to, false);
      return to;
    },
    [this](const query::v1::ConfirmDeletions& x) -> caf::result<SyncStatus> {
      auto to = kit::make_promise<SyncStatus>(self_);
      confirm(x, to);
      return to;
    },
    [this](const query::v1::GetSync& x) -> caf::result<SyncStatus> {
      auto to = kit::make_promise<SyncStatus>(self_);
      status(x.athlete_id(), to);
      return to;
    });
}

void athletes_state::list(const query::v1::ListAthletes& x,
                          const kit::promise<query::v1::AthleteList>& to) {
  auto after = decode_cursor(x.cursor(), 1, *cipher_);
  if (!after)
    return to.deliver(after.error());
  list_query page_query{
    .after = *after, .limit = x.limit(), .raw = raw_json::left_out};
  read_store_long<query::v1::AthleteList>(
    self_, store_,
    [page_query, now = context_.now(), cipher = cipher_](
      transaction& tx, query::v1::AthleteList& out) -> caf::error {
      auto page = tx.athletes().list(page_query);
      if (!page)
        return page.error();
      out.set_next_cursor(encode_cursor(page->next, *cipher));
      return describe_athletes(tx, std::move(page->items), now, out);
    },
    [to](caf::expected<query::v1::AthleteList> got) {
      to.deliver(std::move(got));
    });
}

void athletes_state::get(std::int64_t id,
                         const kit::promise<query::v1::Athlete>& to) {
  read_store<query::v1::Athlete>(
    self_, store_,
    [id, now = context_.now()](transaction& tx,
                               query::v1::Athlete& out) -> caf::error {
      auto row = find_athlete(tx, id);
      if (!row)
        return row.error();
      query::v1::AthleteList only;
      if (auto why = describe_athletes(tx, {std::move(*row)}, now, only))
        return why;
      out.Swap(only.mutable_items(0));
      return {};
    },
    [to](caf::expected<query::v1::Athlete> got) {
      to.deliver(std::move(got));
    });
}

void athletes_state::disconnect(
  std::int64_t id, const kit::promise<query::v1::Disconnected>& to) {
  query::v1::LeaseToken question;
  question.set_athlete_id(id);
  // Purging does not depend on Strava's answer: the athlete's wish counts.
  auto go_on = [this, id, to](const caf::error& why) {
    if (why && code_of(why) != ec::needs_reauth)
      context_.journal->warning("could not revoke an athlete's tokens at "
                                "Strava; purged them here",
                                {{"athlete", id}, {"reason", detail_of(why)}});
    purge(id, to);
  };
  self_->request(tokens_, caf::infinite, std::move(question))
    .then(
      [this, go_on](const query::v1::AccessToken& token) {
        self_->request(oauth_, caf::infinite, deauthorize{token.access_token()})
          .then([go_on] { go_on({}); },
                [go_on](const caf::error& why) { go_on(why); });
      },
      [to, go_on](const caf::error& why) {
        if (code_of(why) == ec::not_found)
          return to.deliver(why);
        go_on(why);
      });
}

void athletes_state::purge(std::int64_t id,
                           const kit::promise<query::v1::Disconnected>& to) {
  write_store_of<query::v1::Disconnected>(
    self_, store_, id,
    [id, now = context_.now()](transaction& tx, query::v1::Disconnected& out) {
      return erase_athlete(tx, id, now, out);
    },
    [this, id, to](caf::expected<query::v1::Disconnected> got) {
      if (got) {
        context_.journal->info("an athlete disconnected", {{"athlete", id}});
        self_->send(relay_, outbox_filled{});
      }
      to.deliver(std::move(got));
    });
}

void athletes_state::start(const query::v1::StartSync& x,
                           const kit::promise<SyncStatus>& to, bool again) {
  write_store_of<start_result>(
    self_, store_, x.athlete_id(),
    [x, now = context_.now(), overlap_s = config_.incremental_overlap_s](
      transaction& tx, start_result& out) {
      return start_unless_running(tx, x, now, overlap_s, out);
    },
    [this, x, to, again](caf::expected<start_result> got) {
      self_->send(relay_, outbox_filled{});
      if (!got)
        return to.deliver(got.error());
      if (got->was_running && !again)
        return revive(x, to);
      to.deliver(std::move(got->status));
    });
}

void athletes_state::revive(const query::v1::StartSync& x,
                            const kit::promise<SyncStatus>& to) {
  auto go_on = [this, x, to] { start(x, to, true); };
  self_->request(reconciler_, caf::infinite, reconcile_athlete{x.athlete_id()})
    .then(go_on, [go_on](const caf::error&) { go_on(); });
}

void athletes_state::confirm(const query::v1::ConfirmDeletions& x,
                             const kit::promise<SyncStatus>& to) {
  write_store_of<bool>(
    self_, store_, x.athlete_id(),
    [x, now = context_.now()](transaction& tx, bool&) {
      return confirm_deletions(tx, x, now);
    },
    [this, x, to](const caf::expected<bool>& got) {
      if (!got)
        return to.deliver(got.error());
      context_.journal->info(
        "somebody confirmed deletions",
        {{"athlete", x.athlete_id()}, {"activities", x.missing_activities()}});
      self_->send(relay_, outbox_filled{});
      status(x.athlete_id(), to);
    });
}

void athletes_state::status(std::int64_t id,
                            const kit::promise<SyncStatus>& to) {
  read_store<SyncStatus>(
    self_, store_,
    [id, now = context_.now()](transaction& tx, SyncStatus& out) -> caf::error {
      auto row = find_athlete(tx, id);
      if (!row)
        return row.error();
      auto found = find_status(tx, *row, now);
      if (!found)
        return found.error();
      out = std::move(*found);
      return {};
    },
    [to](caf::expected<SyncStatus> got) { to.deliver(std::move(got)); });
}

athletes_actor::behavior_type
athletes(athletes_actor::stateful_pointer<athletes_state> self,
         actor_context context, store_access store, tokens_actor tokens,
         oauth_client_actor oauth, std::shared_ptr<const token_cipher> cipher,
         outbox_relay_actor relay, reconciler_actor reconciler,
         athletes_config config) {
  return self->state.make_behavior(
    std::move(context), std::move(store), std::move(tokens), std::move(oauth),
    std::move(cipher), std::move(relay), std::move(reconciler), config);
}

} // namespace stravasync
