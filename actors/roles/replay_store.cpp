#include "actors/roles/replay_store.hpp"

#include "actors/replay/store_target.hpp"
#include "actors/roles/ingest_rules.hpp"
#include "actors/roles/stores.hpp"
#include "adapters/strava/strava_client.hpp"
#include "config/url_text.hpp"
#include "messages/error.hpp"

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

namespace stravasync {

namespace {

constexpr auto sqlite_scheme = std::string_view{"sqlite:"};

/// The URL as it can be compared: of a file its one true path.
std::string identity_of(const std::string& url) {
  if (!url.starts_with(sqlite_scheme))
    return with_long_scheme(url);
  auto failed = std::error_code{};
  auto path = std::filesystem::weakly_canonical(
    url.substr(sqlite_scheme.size()), failed);
  return failed ? url : std::string{sqlite_scheme} + path.string();
}

bool is_store(const std::string& url) {
  return (url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size())
         || url.starts_with("postgresql://") || url.starts_with("postgres://");
}

/// Opens the store, with its schema if there was nothing.
caf::expected<std::unique_ptr<store_session>>
open_store(const settings& config, const std::string& url) {
  if (!is_store(url))
    return make_failure(ec::invalid_argument,
                        "'" + url
                          + "' is no store: give sqlite:PATH or "
                            "postgresql://...");
  auto where = config.store;
  where.url = url;
  auto target = database_of(where, "stravasync replay");
  auto pending = target.pending();
  if (!pending)
    return pending.error();
  // An old one is not changed on the way: that is what `migrate` is for.
  if (!pending->empty() && pending->front().version == 1) {
    auto applied = target.migrate();
    if (!applied)
      return applied.error();
  }
  return target.open();
}

void print_line(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
}

} // namespace

caf::expected<std::unique_ptr<replay_target>>
open_store_target(const settings& config, const replay_request& request,
                  const std::shared_ptr<bus>& source) {
  const auto& url = request.where;
  auto own = identity_of(url) == identity_of(config.store.url);
  if (own && !request.force)
    return make_failure(ec::invalid_argument,
                        "--into store: " + url
                          + " is the store that nodes with these settings "
                            "work on; replay into it only with --force");
  auto store = open_store(config, url);
  if (!store)
    return with_context(store.error(), "--into store");
  auto empty = is_empty(**store);
  if (!empty)
    return with_context(empty.error(), "--into store");
  if (!*empty && !request.force)
    return make_failure(ec::invalid_argument,
                        "--into store: " + url
                          + " is not empty; replay into it only with --force");
  auto decoder = std::shared_ptr<const strava_decoder>{strava::make_decoder()};
  auto known = athlete_book::read(source, *decoder);
  if (!known)
    return known.error();
  return std::unique_ptr<replay_target>{std::make_unique<store_target>(
    std::move(*store), std::move(*known), std::move(decoder),
    ingest_rules(config), print_line)};
}

} // namespace stravasync
