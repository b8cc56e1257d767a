#include "config/checks.hpp"

#include "messages/error.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <array>

namespace stravasync {

namespace {

/// @param key The setting that a person should look at.
caf::error
refuse(const loaded_settings& of, std::string_view key, std::string_view why) {
  auto origin = of.origins.find(key);
  auto where = origin == of.origins.end()
                 ? std::string{key}
                 : origin->second + ": " + std::string{key};
  return make_failure(ec::invalid_argument,
                      std::move(where) + ": " + std::string{why});
}

void fill(std::string& field, std::string value) {
  if (field.empty())
    field = std::move(value);
}

bool shares_an_address(const std::vector<std::string>& left,
                       const std::vector<std::string>& right) {
  return std::ranges::any_of(left, [&](const auto& address) {
    // Port 0 picks a free one each time.
    return !address.ends_with(":0")
           && std::ranges::find(right, address) != right.end();
  });
}

caf::error check_roles(const loaded_settings& of) {
  const auto& [node, bus, store, http, strava, budget, secrets, sync, consumer,
               api, worker, sim, log]
    = of.values;
  for (auto needs_bus : {role::consumer, role::worker})
    if (node.has(needs_bus) && !node.has(role::api) && bus.embedded())
      return refuse(of, "node.roles",
                    "role " + std::string{to_string(needs_bus)}
                      + " without api needs a shared bus: set bus.url to "
                        "nats://..., or add the others: --role=all");
  if (node.has(role::api) && node.has(role::sim)
      && shares_an_address(http.listen, sim.listen))
    return refuse(of, "sim.listen", "is also in http.listen");
  return {};
}

/// What every api node of a cluster shares with the others.
caf::error check_shared(const loaded_settings& of) {
  const auto& [node, bus, store, http, strava, budget, secrets, sync, consumer,
               api, worker, sim, log]
    = of.values;
  if (!node.has(role::api) || bus.embedded())
    return {};
  // It would take its share of the pages into a database of its own.
  if (!of.is_set("store.url"))
    return refuse(of, "store.url",
                  "must be set, the same on every api node: bus.url is shared");
  // A key made by one api node would not open what another one sealed.
  if (secrets.token_key.empty())
    return refuse(of, "secrets.token_key",
                  "must be set, the same on every api node: bus.url is shared");
  return {};
}

/// Whether every segment of a URL's path is letters, digits, ".", "_", "~" and
/// "-", and none is "." or "..".
bool is_plain_path(std::string_view path) {
  auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '~'
           || c == '-';
  };
  while (!path.empty()) {
    path.remove_prefix(1); // The slash.
    auto segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == ".."
        || !std::ranges::all_of(segment, is_plain))
      return false;
    path.remove_prefix(segment.size());
  }
  return true;
}

} // namespace

void derive(loaded_settings& of, const std::string& node_id) {
  auto& [node, bus, store, http, strava, budget, secrets, sync, consumer, api,
         worker, sim, log]
    = of.values;
  while (node.data_dir.size() > 1 && node.data_dir.ends_with('/'))
    node.data_dir.pop_back();
  fill(node.id, node_id);
  fill(bus.path, node.data_dir + "/bus.db");
  fill(store.url, "sqlite:" + node.data_dir + "/stravasync.db");
  fill(sim.state, node.data_dir + "/sim.state");
  fill(http.public_url, base_url_of(http.listen));
  auto strava_url = node.has(role::sim) ? base_url_of(sim.listen)
                                        : std::string{"https://www.strava.com"};
  fill(strava.api_url, strava_url + "/api/v3");
  fill(strava.oauth_url, strava_url + "/oauth");
  fill(strava.authorize_url, strava.oauth_url + "/authorize");
  if (budget.window.count() == 0)
    budget.window = sim.window;
  // A simulator in this process has this process's clock.
  if (node.has(role::sim) && !of.is_set("strava.api_url")
      && !of.is_set("budget.clock_skew_max"))
    budget.clock_skew_max = milliseconds{0};
}

caf::error check(const loaded_settings& of) {
  const auto& values = of.values;
  if (values.node.data_dir.empty())
    return refuse(of, "node.data_dir", "must not be empty");
  if (values.consumer.backoff_min > values.consumer.backoff_max)
    return refuse(of, "consumer.backoff_min",
                  "must not be above consumer.backoff_max");
  if (!values.bus.credentials.empty() && !values.bus.user.empty())
    return refuse(of, "bus.user", "give it or bus.credentials, not both");
  if (values.bus.tls_certificate.empty() != values.bus.tls_key.empty())
    return refuse(of, "bus.tls_key", "goes together with bus.tls_certificate");
  if (!split_url(values.http.public_url).login.empty())
    return refuse(of, "http.public_url",
                  "must not hold a user name or password");
  auto path = split_url(values.http.public_url).rest;
  if (!is_plain_path(path))
    return refuse(of, "http.public_url",
                  "has a path that is not of letters, digits, - . _ and ~");
  if (is_own_path(path))
    return refuse(of, "http.public_url",
                  "has a path that begins as one of the node's own does (/api, "
                  "/assets, /athletes, /connect, /oauth, ...): choose another");
  return {};
}

caf::error check_node(const loaded_settings& of) {
  if (auto failed = check_roles(of))
    return failed;
  return check_shared(of);
}

caf::error check_strava(const loaded_settings& of) {
  const auto& node = of.values.node;
  const auto& strava = of.values.strava;
  constexpr auto real = std::string_view{"strava.com"};
  if ((node.has(role::api) || node.has(role::consumer))
      && strava.client_id.empty()
      && strava.oauth_url.find(real) != std::string::npos)
    return refuse(of, "strava.client_id",
                  "is not set; create an application in Strava's API settings "
                  "and set strava.client_id and strava.client_secret, or add "
                  "the simulator: --role=all,sim");
  return {};
}

bool is_own_path(std::string_view path) {
  constexpr auto own = std::array<std::string_view, 9>{
    "api",     "assets", "athletes", "connect",     "oauth",
    "healthz", "readyz", "metrics",  "openapi.json"};
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  return std::ranges::find(own, path.substr(0, path.find('/'))) != own.end();
}

std::string base_url_of(std::span<const std::string> addresses) {
  auto found = std::ranges::find_if(addresses, [](const auto& address) {
    return !address.starts_with("unix:");
  });
  if (found == addresses.end())
    return "http://localhost";
  auto colon = found->rfind(':');
  auto host = found->substr(0, colon);
  if (host == "0.0.0.0" || host == "[::]")
    host = "localhost";
  return "http://" + host + found->substr(colon);
}

} // namespace stravasync
