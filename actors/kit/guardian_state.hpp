#pragma once

#include "actors/kit/guardian.hpp"
#include "actors/kit/lifecycle.hpp"
#include "actors/kit/promise.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message_view.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace kit::detail {

/// What a GUARDIAN tells itself later. `number` says of which start, so that
/// one that is no longer true is recognized.
struct guardian_tick {
  enum class kind : std::uint8_t { retry, probe_deadline, stop_deadline };
  kind what;
  std::uint64_t number;
};

/// The state of a GUARDIAN. Spawn it with `spawn_guardian`.
class guardian_state {
public:
  static inline constexpr const char* name = "guardian";

  explicit guardian_state(caf::stateful_actor<guardian_state>* self);

  caf::behavior make_behavior(guardian_config config, child_factory factory);

private:
  using request_ptr = std::shared_ptr<owed_answer>;

  [[nodiscard]] caf::actor& child() {
    return kept_->front();
  }

  // Messages from outside.
  caf::result<caf::message> on_message(caf::message_view& view);
  caf::result<caf::message> refuse();
  [[nodiscard]] bool may_relay() const;
  void relay(caf::message request);
  void on_answer(std::uint64_t relay_id, caf::message answer);

  // The child's life.
  void start(run_state as);
  void on_initialized(std::uint64_t number, const std::string& actor_class);
  void probe();
  /// The outcome of the first request, or of the probe, opens or closes.
  void decide(const caf::error& outcome);
  void on_down(const caf::down_msg& message);
  void open();
  void close(const caf::error& reason);
  void dismiss(caf::error reason);
  void on_tick(const guardian_tick& tick);
  void on_stop_deadline(std::uint64_t number);
  void stop(caf::error reason);
  void finish(caf::error reason);

  void refuse_relayed();
  void change(run_state to, const caf::error& reason = {},
              std::chrono::milliseconds retry_after = {});
  void later(std::chrono::milliseconds delay, guardian_tick tick);
  [[nodiscard]] bool is_failure(const caf::error& error) const;
  [[nodiscard]] caf::error refusal() const;

  caf::stateful_actor<guardian_state>* self_;
  guardian_config config_;
  child_factory factory_;
  kept_actors kept_ = std::make_shared<std::vector<caf::actor>>(1);

  run_state state_ = run_state::idle;
  std::string actor_class_;
  caf::error reason_; // Why the gate closed last, or why it stops.
  std::uint64_t starts_ = 0;
  bool killed_ = false; // The child, after it ignored its exit message.
  bool probed_ = false; // While probing: the probe is on its way.
  std::uint32_t attempt_ = 0;
  std::uint64_t dropped_ = 0;
  caf::actor_clock::time_point retry_at_;
  caf::actor_clock::time_point up_since_;

  // Requests that the child answers through us, while we must see the answer.
  std::map<std::uint64_t, request_ptr> relayed_;
  std::uint64_t relays_ = 0;
};

} // namespace kit::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(kit::detail::guardian_tick)
