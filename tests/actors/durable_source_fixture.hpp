#pragma once

#include "actors/durable_source.hpp"
#include "actors/kit/fault.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"
#include "messages/redriven.hpp"
#include "messages/state.pb.h"
#include "tests/support/actor_fixture.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// What a handler shall do, and what it has seen.
struct handler_script {
  /// May throw.
  std::function<caf::expected<stravasync::outcome>()> decide;
  bool keep_waiting = false;
  std::vector<std::shared_ptr<const stravasync::delivery>> seen;
  std::vector<kit::promise<stravasync::outcome>> waiting;
  std::vector<std::string> buried;
};

inline stravasync::delivery_handler_actor::behavior_type
scripted_handler(stravasync::delivery_handler_actor::pointer self,
                 std::shared_ptr<handler_script> script) {
  using namespace stravasync;
  return kit::handlers(
    self, kit::actor_statistics{}, kit::on_throw::crash,
    [=](const handle_delivery& x) -> caf::result<outcome> {
      script->seen.push_back(x.what);
      auto reply = kit::make_promise<outcome>(self);
      if (script->keep_waiting)
        script->waiting.push_back(reply);
      else
        reply.deliver(script->decide());
      return reply;
    },
    [=](const delivery_buried& x) {
      script->buried.push_back(x.what->token + ": " + x.reason);
    });
}

/// A source that takes two at once and gives up after three attempts.
struct durable_source_fixture : actor_fixture {
  std::shared_ptr<handler_script> script = std::make_shared<handler_script>();
  stravasync::durable_source_config config;
  stravasync::header_map headers; // Beside the usual ones.
  stravasync::unix_ms stored_at_ms = 0;
  std::string redriven_for; // The durable; empty: the message is a first one.
  caf::actor uut;

  durable_source_fixture() {
    using namespace std::chrono_literals;
    config.options.stream = "JOBS";
    config.options.durable = "consumer__job";
    config.options.ack_wait = 30s;
    config.in_flight_max = 2;
    config.attempts_max = 3;
    config.backoff = {.min = 1s, .max = 8s};
    decide({stravasync::outcome::verdict::ack});
  }

  void start() {
    auto handler = keep(system().spawn(scripted_handler, script));
    uut = keep(system().spawn(stravasync::durable_source, context(), bus,
                              handler, config));
    run();
  }

  void decide(stravasync::outcome what) {
    script->decide = [what] { return what; };
  }

  /// Delivers message `sequence` and lets it be dealt with.
  std::string deliver(std::uint64_t sequence, std::uint32_t delivered = 1) {
    stravasync::delivery what;
    what.message.subject = "jobs.sync_athlete.7";
    what.message.headers[std::string{stravasync::header::message_id}] = "r/1";
    if (!redriven_for.empty())
      what.message.headers[std::string{stravasync::header::durable}]
        = redriven_for;
    for (const auto& [name, value] : headers)
      what.message.headers[name] = value;
    what.message.payload = "body";
    what.stored_at_ms = stored_at_ms;
    what.stream = "JOBS";
    what.sequence = sequence;
    what.delivered = delivered;
    auto token = bus->deliver(std::move(what));
    run();
    return token;
  }

  /// What the bucket holds of message `sequence`.
  [[nodiscard]] stravasync::state::v1::AttemptState
  attempts(std::uint64_t sequence) const {
    stravasync::state::v1::AttemptState result;
    result.ParseFromString(
      bus->value("ATTEMPTS", "consumer__job." + std::to_string(sequence)));
    return result;
  }

  [[nodiscard]] const stravasync::settlement& last_settlement() const {
    return bus->settlements.at(bus->settlements.size() - 1).what;
  }
};

} // namespace test
