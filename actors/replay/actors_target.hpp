#pragma once

#include "actors/ports/store.hpp"
#include "actors/protocols/deliveries.hpp"
#include "actors/replay/athlete_book.hpp"
#include "actors/replay/dispatch.hpp"
#include "actors/replay/play.hpp"
#include "actors/replay/print_target.hpp"
#include "actors/replay/recorded_strava.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace stravasync {

/// A copy of the actors that handle deliveries, with a scratch store and no way
/// out.
struct local_actors {
  caf::actor_system& system;
  /// A new handler: at first, and after one has crashed.
  std::function<delivery_handler_actor(handler_kind)> spawn;
  /// The time that the actors see: when the message at hand was stored.
  std::shared_ptr<std::atomic<unix_ms>> now;
  /// A session of the store that they use.
  std::unique_ptr<store_session> store;
  /// What Strava answers them.
  std::shared_ptr<answer_at_hand> strava;
  /// Where the recording is.
  std::shared_ptr<stream_catalog> recorded;
  std::shared_ptr<const strava_decoder> decoder;
  athlete_book known;
};

/// What became of one message.
struct handled {
  std::string_view verdict; // "ack", "dead letter", "crashed" ...
  bool failed = false;
  std::string reason;
  std::chrono::microseconds took{0};
};

/// @returns "     12  2026-11-21T10:00:00.000Z  sync  ack  1.23 ms  jobs.x.7",
/// and the reason behind it.
[[nodiscard]] std::string
outcome_line(const stored_message& what, std::string_view handler,
             const handled& result);

/// Hands each message to the actor that handles it, waits for its outcome and
/// prints that. Nothing is settled, nothing tried again.
class actors_target final : public replay_target {
public:
  actors_target(local_actors actors, std::string stream, text_sink out);

  /// False: the handler crashed, or said retry or dead letter.
  caf::expected<bool> take(const stored_message& what) override;

private:
  caf::error
  prepare(handler_kind kind, const envelope& recorded, const envelope& message);
  handled hand(handler_kind kind, std::shared_ptr<const delivery> what);
  caf::expected<bool> print(const stored_message& what,
                            std::string_view handler, const handled& result);

  local_actors actors_;
  std::string stream_;
  text_sink out_;
  std::map<handler_kind, delivery_handler_actor> handlers_;
};

} // namespace stravasync
