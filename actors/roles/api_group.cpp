#include "actors/api/activities.hpp"
#include "actors/api/athletes.hpp"
#include "actors/api/connect.hpp"
#include "actors/api/dead_letters.hpp"
#include "actors/api/ingest_writer.hpp"
#include "actors/api/oauth_client.hpp"
#include "actors/api/operations.hpp"
#include "actors/api/outbox_keeper.hpp"
#include "actors/api/outbox_relay.hpp"
#include "actors/api/reconciler.hpp"
#include "actors/api/run_keeper.hpp"
#include "actors/api/schedules.hpp"
#include "actors/api/store_readers.hpp"
#include "actors/api/store_session.hpp"
#include "actors/api/tokens.hpp"
#include "actors/consumer/budget.hpp"
#include "actors/durable_source.hpp"
#include "actors/exhausted.hpp"
#include "actors/remote/responder.hpp"
#include "actors/roles/durables.hpp"
#include "actors/roles/group.hpp"
#include "actors/roles/groups.hpp"
#include "actors/roles/ingest_rules.hpp"
#include "actors/roles/node_health.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace stravasync {

namespace {

std::int64_t overlap_s(const settings& config) {
  return std::chrono::duration_cast<std::chrono::seconds>(
           config.sync.incremental_overlap)
    .count();
}

/// A store that is down is tried again soon: it is ours and near.
kit::guardian_config store_guardian() {
  kit::guardian_config config;
  config.backoff = {milliseconds{200}, milliseconds{5'000}};
  config.probe = [] {
    return caf::make_message(
      store_read{[](transaction&) { return caf::error{}; }});
  };
  return config;
}

kit::guardian_config oauth_guardian() {
  kit::guardian_config config;
  config.backoff = {milliseconds{1'000}, milliseconds{60'000}};
  config.is_failure = [](const caf::error& why) {
    return code_of(why) == ec::unavailable || code_of(why) == ec::timed_out;
  };
  return config;
}

/// A source of one durable's deliveries.
void add_source(group& to, const std::string& name, const node_parts& parts,
                const durable_source_config& config,
                const delivery_handler_actor& handler) {
  to.add<caf::actor>(name, [=](caf::actor_system& sys) {
    return sys.spawn(durable_source, parts.context, parts.messages, handler,
                     config);
  });
}

store_access add_store(group& to, const node_parts& parts) {
  auto session = [parts](caf::actor_system& sys) {
    return sys.spawn<caf::detached>(store_session_loop, parts.context,
                                    parts.open_store);
  };
  store_access result;
  result.writer = to.add_guarded<store_session_actor>(
    "store-writer", "the database", store_guardian(), session);
  result.reader = to.add_guarded<store_session_actor>(
    "store-reader", "the database", store_guardian(), session);
  auto spare = store_guardian();
  spare.lazy = true;
  std::vector<store_session_actor> more;
  for (const auto& name : long_reader_names(parts.config.store))
    more.push_back(to.add_guarded<store_session_actor>(name, "the database",
                                                       spare, session));
  if (!more.empty())
    result.long_readers = to.add<store_readers_actor>(
      "store-readers", [=](caf::actor_system& sys) {
        return sys.spawn(store_readers, parts.context, more);
      });
  return result;
}

outbox_relay_actor
add_outbox(group& to, const node_parts& parts, const store_access& store) {
  auto relay
    = to.add<outbox_relay_actor>("outbox-relay", [=](caf::actor_system& sys) {
        auto config = outbox_relay_config{};
        config.takes_turns = parts.config.store.sqlite_path().empty();
        return sys.spawn(outbox_relay, parts.context, store, parts.messages,
                         config);
      });
  to.add<outbox_keeper_actor>("outbox-keeper", [=](caf::actor_system& sys) {
    return sys.spawn(outbox_keeper, parts.context, store, parts.messages, relay,
                     outbox_keeper_config{});
  });
  return relay;
}

reconciler_actor
add_reconciler(group& to, const node_parts& parts, const store_access& store,
               const outbox_relay_actor& relay) {
  const auto& config = parts.config;
  reconciler_config looking;
  looking.every = config.sync.reconcile_every;
  looking.patience = std::max(looking.patience,
                              2 * config.consumer.backoff_max);
  looking.incremental_overlap_s = overlap_s(config);
  looking.second_look = config.sync.delete_second_look;
  looking.runs_max_age = config.runs_max_age();
  looking.jobs_durable = job_durable(config).options.durable;
  looking.pages_durable = ingest_durable(config).options.durable;
  looking.words_durable = held_up_durable(config).options.durable;
  return to.add<reconciler_actor>("reconciler", [=](caf::actor_system& sys) {
    return sys.spawn(reconciler, parts.context, store, parts.messages, relay,
                     looking);
  });
}

operations_config operating_rules(const settings& config) {
  const auto& limits = config.budget.limits;
  operations_config result;
  result.budget_bucket = budget_bucket;
  result.budget_key = budget_key;
  result.window = config.budget.window;
  result.limits = {limits.short_read, limits.short_all, limits.day_read,
                   limits.day_all};
  return result;
}

/// Actors that answer questions.
void add_front(group& to, api_group& result, const node_parts& parts,
               const store_access& store, const oauth_client_actor& oauth,
               const outbox_relay_actor& relay,
               const reconciler_actor& reconciler) {
  const auto& config = parts.config;
  connect_config connecting;
  connecting.redirect_uri = config.http.public_url + "/oauth/callback";
  connecting.incremental_overlap_s = overlap_s(config);
  result.actors.connect
    = to.add<connect_actor>("connect", [=](caf::actor_system& sys) {
        return sys.spawn(connect, parts.context, store, oauth, parts.oauth,
                         parts.decoder, parts.cipher, relay, parts.messages,
                         connecting);
      });
  auto listing = athletes_config{overlap_s(config)};
  result.actors.athletes = to.add<athletes_actor>(
    "athletes", [=, tokens = result.tokens](caf::actor_system& sys) {
      return sys.spawn(athletes, parts.context, store, tokens, oauth,
                       parts.cipher, relay, reconciler, listing);
    });
  result.actors.activities
    = to.add<activities_actor>("activities", [=](caf::actor_system& sys) {
        return sys.spawn(activities, parts.context, store, parts.cipher);
      });
  result.actors.operations = to.add<operations_actor>(
    "operations",
    [=, operating = operating_rules(config)](caf::actor_system& sys) {
      return sys.spawn(operations, parts.context, parts.messages,
                       actors_of(parts), parts.link.questions, operating);
    });
  result.actors.dead_letters
    = to.add<dead_letters_actor>("dead-letters", [=](caf::actor_system& sys) {
        return sys.spawn(dead_letters, parts.context, parts.messages,
                         dead_letters_config{});
      });
  result.actors.schedules
    = to.add<schedules_actor>("schedules", [=](caf::actor_system& sys) {
        return sys.spawn(schedules, parts.context, parts.messages);
      });
  result.figures = to.add<cluster_figures_actor>(
    "cluster-figures",
    [context = parts.context, asked = result.actors](caf::actor_system& sys) {
      return sys.spawn(follow_cluster, context, asked.operations,
                       asked.schedules, cluster_figures_config{});
    });
  result.edge = to.add<caf::actor>(
    "edge", [](caf::actor_system& sys) { return sys.spawn(edge); });
}

/// Actors that bring what was fetched into the store.
void add_ingest(group& to, const node_parts& parts, const store_access& store,
                const outbox_relay_actor& relay) {
  const auto& config = parts.config;
  auto pages = ingest_durable(config);
  auto writer = to.add<delivery_handler_actor>(
    "ingest-writer",
    [=, writing = ingest_rules(config)](caf::actor_system& sys) {
      return sys.spawn(ingest_writer, parts.context, store, parts.decoder,
                       relay, writing);
    });
  auto keeper
    = to.add<delivery_handler_actor>("run-keeper", [=](caf::actor_system& sys) {
        return sys.spawn(run_keeper, parts.context, store, relay);
      });
  add_source(to, "ingest-source", parts, pages, writer);
  add_source(to, "held-up-source", parts, held_up_durable(config), keeper);
  auto notices = config.api.service + "__exhausted";
  to.add<caf::actor>("exhausted", [=](caf::actor_system& sys) {
    return sys.spawn(exhausted, parts.context, parts.messages, notices);
  });
}

} // namespace

api_group make_api_group(caf::actor_system& system, const node_parts& parts,
                         std::shared_ptr<feed_hub> hub) {
  group all{system, drain_of(parts.config)};
  api_group result;
  auto store = add_store(all, parts);
  result.store = store;
  auto oauth = all.add_guarded<oauth_client_actor>(
    "oauth-client", "Strava's OAuth", oauth_guardian(),
    [parts](caf::actor_system& sys) {
      return sys.spawn(oauth_client, parts.context, parts.oauth);
    });
  auto relay = add_outbox(all, parts, store);
  result.tokens = all.add<tokens_actor>("tokens", [=](caf::actor_system& sys) {
    return sys.spawn(tokens, parts.context, store, oauth, parts.cipher,
                     parts.messages);
  });
  auto reconciler = add_reconciler(all, parts, store, relay);
  add_front(all, result, parts, store, oauth, relay, reconciler);
  all.add<caf::actor>("feed", [=](caf::actor_system& sys) {
    return sys.spawn(feed, parts.context, parts.messages, hub);
  });
  add_ingest(all, parts, store, relay);
  if (parts.link.questions)
    all.add<caf::actor>(
      "responder",
      [=, actors = answering_actors{result.tokens, result.actors.athletes}](
        caf::actor_system& sys) {
        return sys.spawn(responder, parts.context, parts.link.questions, actors,
                         parts.config.api.service, parts.questions);
      });
  result.children = all.take();
  return result;
}

} // namespace stravasync
