#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/operations.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stravasync {

/// Bounds of one answer; its cursor leads on.
struct dead_letters_config {
  /// Letters read at once: each may be as large as a message.
  std::uint32_t read_max = 50;
  /// Letters looked at.
  std::uint32_t scan_max = 5'000;
  /// Letters sent again or dropped.
  std::uint32_t settle_max = 100;
};

/// The state of a DEAD LETTERS. Spawn it with `dead_letters`.
class dead_letters_state {
public:
  static inline constexpr const char* name = "dead-letters";

  explicit dead_letters_state(
    dead_letters_actor::stateful_pointer<dead_letters_state> self);

  dead_letters_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<bus> bus,
                dead_letters_config config);

private:
  enum class fate : std::uint8_t { retry, drop };

  struct scan;
  using scan_ptr = std::shared_ptr<scan>;
  struct settling;
  using settling_ptr = std::shared_ptr<settling>;
  using letters = std::vector<stored_message>;

  void list(const query::v1::ListDeadLetters& question,
            kit::promise<query::v1::DeadLetterList> to);
  void show(std::uint64_t id, kit::promise<query::v1::DeadLetter> to);
  void settle(const query::v1::DeadLetterChoice& choice, fate what,
              kit::promise<query::v1::DeadLettersSettled> to);

  /// Reads the letter, or fails with `ec::not_found`.
  void find(std::uint64_t id,
            std::function<void(caf::expected<stored_message>)> then);
  /// Looks for letters that the filter lets through, from the cursor on.
  void look(const scan_ptr& s);
  void looked(const scan_ptr& s, letters found);

  void settle_one(const settling_ptr& s, std::size_t item,
                  const caf::expected<stored_message>& letter);
  void send_again(const settling_ptr& s, std::size_t item,
                  const stored_message& letter);
  void remove(const settling_ptr& s, std::size_t item, std::uint64_t id);
  void settled(const settling_ptr& s, std::size_t item, const caf::error& why);

  dead_letters_actor::stateful_pointer<dead_letters_state> self_;
  actor_context context_;
  std::shared_ptr<bus> bus_;
  dead_letters_config config_;
};

/// Shows what durables gave up on, sends it again, drops it. Keeps nothing
/// itself: stream DLQ is all there is. A letter that is sent again is removed
/// once it is stored where it came from; if that is interrupted it is still
/// there, and sending it again within the dedupe window stores nothing twice.
dead_letters_actor::behavior_type
dead_letters(dead_letters_actor::stateful_pointer<dead_letters_state> self,
             actor_context context, std::shared_ptr<bus> bus,
             dead_letters_config config);

} // namespace stravasync
