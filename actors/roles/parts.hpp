#pragma once

#include "actors/context.hpp"
#include "actors/kit/events.hpp"
#include "actors/nodes/health_record.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/store.hpp"
#include "actors/ports/strava_api.hpp"
#include "actors/ports/token_cipher.hpp"
#include "actors/roles/bus_state.hpp"
#include "actors/roles/buses.hpp"
#include "actors/roles/patience.hpp"
#include "config/load.hpp"

#include <caf/expected.hpp>

#include <memory>

namespace stravasync {

/// What a node is made of before its first actor: adapters behind ports.
struct node_parts {
  settings config;
  actor_context context;
  kit::actor_tree tree;
  health_record health;
  /// Writes what came of its calls into `health`.
  std::shared_ptr<bus> messages;
  // With a bus over the network; else `link` has nothing but the bus.
  bus_connection link;
  std::shared_ptr<bus_state> state_of_bus;
  question_statistics questions;
  // With role api:
  store_opener open_store;
  std::shared_ptr<const token_cipher> cipher;
  std::shared_ptr<strava_oauth> oauth;
  std::shared_ptr<const strava_decoder> decoder;
  // With role consumer:
  std::shared_ptr<strava_api> strava;
};

/// @returns `ec::invalid_argument` if a URL of Strava's, or what the process's
/// environment names as the proxy on the way to it, cannot be used by a node
/// with these settings.
[[nodiscard]] caf::error check_ways_to_strava(const settings& config);

/// Opens bus, store, key and clients as the settings say; makes the data
/// folder, the streams, and brings an embedded store's schema up to date. Waits
/// for what does not answer yet. Fails with a sentence that names what cannot
/// be used and why.
[[nodiscard]] caf::expected<node_parts>
open_parts(const settings& config, std::shared_ptr<log> journal,
           patience& waiting);

} // namespace stravasync
