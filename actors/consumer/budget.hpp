#pragma once

#include "actors/consumer/ledger.hpp"
#include "actors/consumer/upstream_time.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/bus.hpp"
#include "actors/ports/monotonic_clock.hpp"
#include "actors/protocols/strava.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace stravasync {

/// Where the ledger is kept.
inline constexpr auto budget_bucket = "BUDGET";
inline constexpr auto budget_key = "strava";

struct budget_config {
  budget_rules rules;
  /// No other process can hold permits of this ledger (embedded bus): those
  /// found at start belong to the dead and end after `grace`.
  bool sole_owner = false;
  milliseconds grace{1'000};
  /// How far this node's clock may be off Strava's before a response tells.
  milliseconds clock_skew_max{0};
  /// Tells this process from an earlier one of the same node.
  std::string life;
  /// Measures what passes, however the wall clock is set.
  monotonic_clock steady = system_monotonic_clock();
};

/// The state of a BUDGET. Spawn it with `budget`.
class budget_state {
public:
  static inline constexpr const char* name = "budget";

  explicit budget_state(budget_actor::stateful_pointer<budget_state> self);

  budget_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<key_value> kv,
                budget_config config);

private:
  struct waiting_lease {
    lease_permit what;
    kit::promise<permit> reply;
  };
  /// What one write of the ledger decided for one waiting lease.
  struct decision {
    kit::promise<permit> reply;
    std::string id;
    std::optional<unix_ms> until; // Refused until then, in Strava's time.
  };
  struct draft {
    ledger book;
    std::vector<decision> decisions;
    std::size_t settled = 0; // Of `settlements_`, from the front.
    std::size_t leased = 0;  // Of `leases_`, from the front.
    bool corrected = false;  // `book` was one of the future.
  };
  /// A ledger of the future, as first seen.
  struct standstill {
    unix_ms window_start_ms;
    milliseconds since;
  };

  void take(const settle_permit& what);
  void tick();
  void keep_ticking();
  void pump();
  void load();
  void loaded(caf::expected<std::optional<key_value_entry>> got);
  void start(ledger& book);
  draft write_draft();
  [[nodiscard]] bool correct(ledger& book);
  [[nodiscard]] bool outwaited(const ledger& book, unix_ms now);
  void renew_held(ledger& book, unix_ms now, const budget_rules& rules);
  void write(draft next);
  void written(const draft& next, caf::expected<std::uint64_t> revision);
  void conclude(const draft& next);
  void lost(const draft& next);
  void refuse_all(const caf::error& why);
  void pause();

  budget_actor::stateful_pointer<budget_state> self_;
  actor_context context_;
  std::shared_ptr<key_value> kv_;
  budget_config config_;
  std::string holder_; // Of permits: this process among all, ever.
  upstream_time time_;
  std::vector<waiting_lease> leases_;
  std::vector<settle_permit> settlements_;
  /// When permits that are out were given, by id and on the steady clock.
  std::map<std::string, milliseconds> held_;
  std::optional<ledger> book_; // As of `revision_`.
  std::optional<standstill> ahead_;
  std::uint64_t revision_ = 0;
  bool started_ = false;   // The first load has taken over.
  bool busy_ = false;      // A call to the bucket is out.
  bool fresh_ = false;     // `book_` was read or written for what waits now.
  bool shared_ = false;    // Another node wrote since we did.
  bool pausing_ = false;   // Until the next tick.
  bool retrying_ = false;  // A tick will write settlements again.
  bool ticking_ = false;   // One will renew what is held.
  bool renewing_ = false;  // It did, and that is not written yet.
  bool unusable_ = false;  // The ledger last read was, which is told.
  unsigned conflicts_ = 0; // In a row.
  std::minstd_rand random_;
};

/// Keeps the ledger in a key-value bucket by compare-and-swap: a permit is on
/// record before it is given out. What waits is decided with one write, higher
/// lanes first. On a conflict (another node wrote) it reads and decides anew,
/// from the second one in a row after a short random pause: nodes that write
/// at the same time then do not meet again.
///
/// Nobody is refused by what the ledger was a while ago. Settlements are kept
/// until they are written. Leases run out a few seconds after their holder is
/// gone: who lives renews them.
///
/// No clock is trusted alone. Before Strava has told its time, it is that of
/// this node's wall clock as far as a first answer agrees; from then on it is
/// what answers agree on, carried on by the steady clock, so that the wall
/// clock may be set. A ledger of the future is taken back once Strava told the
/// time, or when it has not changed for a whole window.
budget_actor::behavior_type
budget(budget_actor::stateful_pointer<budget_state> self, actor_context context,
       std::shared_ptr<key_value> kv, budget_config config);

} // namespace stravasync
