#include "actors/roles/parts.hpp"

#include "actors/nodes/watched_bus.hpp"
#include "actors/nodes/watched_store.hpp"
#include "actors/ports/answer_of.hpp"
#include "actors/roles/buses.hpp"
#include "actors/roles/data_files.hpp"
#include "actors/roles/durables.hpp"
#include "actors/roles/stores.hpp"
#include "adapters/secrets/token_cipher.hpp"
#include "adapters/secrets/token_key.hpp"
#include "adapters/strava/strava_client.hpp"
#include "config/load.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <filesystem>
#include <future>

namespace stravasync {

namespace {

constexpr auto fingerprint_name = "token_key_fingerprint";

caf::error join_bus(node_parts& parts, const patience& waiting) {
  auto state = std::make_shared<bus_state>(parts.context.now);
  auto joined = open_bus(
    parts.config, *parts.context.journal,
    [state](const std::string& why) { state->set(why); },
    [&waiting] { return waiting.stopping(); });
  if (!joined)
    return joined.error();
  parts.link = std::move(*joined);
  parts.state_of_bus = state;
  parts.messages = watch_bus(parts.link.messages, parts.health,
                             [state] { return state->problem().empty(); });
  return {};
}

database database_of(const settings& config) {
  return database_of(config.store, "stravasync " + config.node.id);
}

/// A server's schema is a job of its own; without it, opening fails and says
/// how to run that job.
caf::error check_server(const database& store) {
  auto session = store.open();
  return session ? caf::error{} : session.error();
}

/// @returns how many messages the bus has of what athletes did.
caf::expected<std::uint64_t> count_recorded(stream_catalog& on) {
  using states = std::vector<stream_state>;
  auto found = answer_of<states>(
    [&](completion<states> done) { on.describe(std::move(done)); });
  if (!found)
    return found.error();
  auto result = std::uint64_t{0};
  for (const auto& one : *found)
    if (one.config.name == "INGEST" || one.config.name == "EVENTS")
      result += one.messages;
  return result;
}

/// A new database beside a bus that knows athletes is no first start: the old
/// one was deleted, or the path is another one than before. Beginning a new one
/// would hide that.
caf::error check_first_start(const node_parts& parts, const database& store) {
  auto pending = store.pending();
  if (!pending)
    return pending.error();
  if (pending->empty() || pending->front().version != 1)
    return {};
  auto recorded = count_recorded(*parts.messages);
  if (!recorded)
    return recorded.error();
  if (*recorded == 0)
    return {};
  return make_failure(
    ec::conflict,
    "there is no database at " + store.description
      + ", but the bus knows athletes: was the file deleted? To rebuild it run "
        "`stravasync replay --stream INGEST --into store:"
      + parts.config.store.url
      + " --force`, to begin with an empty one `stravasync migrate`");
}

caf::error open_store(node_parts& parts, const database& store) {
  parts.open_store = watch_store(store.open, parts.health);
  if (!store.embedded) {
    auto why = check_server(store);
    return why ? with_context(why, "store.url") : caf::error{};
  }
  if (auto why = check_first_start(parts, store))
    return with_context(why, "store.url");
  auto applied = store.migrate();
  if (!applied)
    return with_context(applied.error(), "store.url");
  for (const auto& one : *applied)
    parts.context.journal->info(
      "applied a migration",
      {{"version", std::int64_t{one.version}}, {"name", one.name}});
  return {};
}

/// A new key beside tokens that another one sealed would open none of them, and
/// stand in the way of the right one.
caf::error check_key_file(const database& store, const std::string& path) {
  auto ignored = std::error_code{};
  if (std::filesystem::exists(path, ignored))
    return {};
  auto sealed_with = store.read_setting(fingerprint_name);
  if (!sealed_with)
    return with_context(sealed_with.error(), "store.url");
  if (!*sealed_with)
    return {};
  return make_failure(ec::invalid_argument,
                      path + " is missing, and the tokens in "
                        + store.description
                        + " were sealed with its key: put it back; without it "
                          "start over with a new database, which `stravasync "
                          "replay --stream INGEST --into store:URL` fills, and "
                          "connect the athletes again");
}

caf::expected<secrets::token_key>
find_key(const settings& config, const database& store) {
  const auto& given = config.secrets.token_key;
  if (!given.empty())
    return secrets::parse_key(given.reveal());
  auto path = config.node.data_dir + "/token.key";
  if (auto why = check_key_file(store, path))
    return why;
  return secrets::load_or_create_key(path);
}

/// A key that does not fit would show only when the first token is opened.
caf::error check_key(const database& store, const secrets::token_key& key) {
  auto mine = secrets::key_fingerprint(key);
  auto stored = store.write_setting_once(fingerprint_name, mine);
  if (!stored)
    return with_context(stored.error(), "store.url");
  if (*stored != mine)
    return make_failure(ec::invalid_argument,
                        "secrets.token_key: this is not the key that the "
                        "tokens in "
                          + store.description
                          + " were sealed with; give the key they were sealed "
                            "with, or remove the database to start over");
  return {};
}

caf::error open_secrets(node_parts& parts, const database& store) {
  auto key = find_key(parts.config, store);
  if (!key)
    return with_context(key.error(), "secrets.token_key");
  if (auto why = check_key(store, *key))
    return why;
  parts.cipher = secrets::make_cipher(*key);
  return {};
}

/// The usual variables; small letters go first, as everywhere.
strava::proxy_settings proxies_of(const environment& variables) {
  auto value = [&](const char* small, const char* large) {
    for (const auto* name : {small, large})
      if (auto at = variables.find(name);
          at != variables.end() && !at->second.empty())
        return at->second;
    return std::string{};
  };
  return {value("https_proxy", "HTTPS_PROXY"),
          value("http_proxy", "HTTP_PROXY"), value("no_proxy", "NO_PROXY")};
}

strava::client_options client_options(const settings& config) {
  strava::client_options options;
  options.api_url = config.strava.api_url;
  options.oauth_url = config.strava.oauth_url;
  options.authorize_url = config.strava.authorize_url;
  options.client_id = config.strava.client_id;
  options.client_secret = config.strava.client_secret.reveal();
  if (options.client_id.empty()) {
    // A simulator takes any client, but it wants one.
    options.client_id = "1";
    options.client_secret = "simulated";
  }
  options.proxies = proxies_of(process_environment());
  options.connections_max = config.strava.connections_max;
  options.connect_timeout = config.strava.connect_timeout;
  options.request_timeout = config.strava.request_timeout;
  return options;
}

caf::error open_strava(node_parts& parts) {
  auto options = client_options(parts.config);
  if (parts.config.node.has(role::api)) {
    auto oauth = strava::open_oauth(options);
    if (!oauth)
      return oauth.error();
    parts.oauth = std::move(*oauth);
    parts.decoder = strava::make_decoder();
  }
  if (parts.config.node.has(role::consumer)) {
    auto api = strava::open_api(options);
    if (!api)
      return api.error();
    parts.strava = std::move(*api);
  }
  return {};
}

/// Whether `streams apply` may make the stream what the settings say: it never
/// takes another's subjects, nor changes a stream's own.
bool may_be_applied(stream_catalog& on, const stream_config& wanted) {
  using states = std::vector<stream_state>;
  auto found = answer_of<states>(
    [&](completion<states> done) { on.describe(std::move(done)); });
  return found && std::ranges::any_of(*found, [&](const stream_state& one) {
           return one.config.name == wanted.name
                  && one.config.subjects == wanted.subjects;
         });
}

/// A bus of its own follows the settings; one shared with others is changed by
/// nobody but a person.
caf::error ensure_streams(const node_parts& parts) {
  auto own = parts.config.bus.embedded();
  for (const auto& config : all_streams(parts.config)) {
    auto ensured = answer_of<bool>([&](completion<bool> done) {
      if (own)
        parts.messages->apply(config, std::move(done));
      else
        parts.messages->ensure(config, std::move(done));
    });
    if (ensured)
      continue;
    const auto& why = ensured.error();
    if (own || code_of(why) != ec::conflict
        || !may_be_applied(*parts.messages, config))
      return about(why, "stream " + config.name);
    return make_failure(ec::conflict,
                        detail_of(about(why, "stream " + config.name))
                          + "; `stravasync streams apply` "
                            "changes it to the settings");
  }
  return {};
}

} // namespace

caf::error check_ways_to_strava(const settings& config) {
  if (!config.node.has(role::api) && !config.node.has(role::consumer))
    return {};
  return strava::check_ways(client_options(config));
}

caf::expected<node_parts>
open_parts(const settings& config, std::shared_ptr<log> journal,
           patience& waiting) {
  node_parts parts;
  parts.config = config;
  parts.context.journal = std::move(journal);
  parts.context.now = system_wall_clock();
  parts.context.node = config.node.id;
  parts.health = health_record{parts.context.now, parts.context.journal};
  if (auto why = prepare_data_folder(config, *parts.context.journal))
    return why;
  if (auto why = waiting.until("the bus",
                               [&] { return join_bus(parts, waiting); }))
    return why;
  if (auto why = waiting.until("the streams",
                               [&] { return ensure_streams(parts); }))
    return why;
  if (config.node.has(role::api)) {
    auto store = database_of(config);
    if (auto why = waiting.until("the database",
                                 [&] { return open_store(parts, store); }))
      return why;
    if (auto why = waiting.until("the database",
                                 [&] { return open_secrets(parts, store); }))
      return why;
  }
  if (auto why = open_strava(parts))
    return why;
  return parts;
}

} // namespace stravasync
