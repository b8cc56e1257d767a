#pragma once

#include "actors/api/lost_runs.hpp"
#include "actors/api/store_access.hpp"
#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols/athletes.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace stravasync {

struct reconciler_config {
  /// How often it looks, and how long a run must not have been touched before
  /// it is looked at.
  milliseconds every{5'000};
  /// How long a run must be quiet before its job is sent again though it may
  /// be one that waits: longer than any pause between attempts. Who asks for
  /// one athlete waits for `every`.
  milliseconds patience{1'800'000};
  /// Runs read at once.
  std::uint32_t batch = 200;
  /// More outbox rows that wait than that: nothing is judged.
  std::uint32_t unsent_max = 1'000;
  /// See `first_position`.
  std::int64_t incremental_overlap_s = 0;
  /// How long after the first list that missed an activity the second follows;
  /// see `deletion_rules`.
  milliseconds second_look{86'400'000};
  /// How often such are begun.
  milliseconds second_look_every{3'600'000};
  /// How long runs are kept after their end: longer than anything that is about
  /// one may come late. See `store_queries::erase_runs`.
  milliseconds runs_max_age{90 * 86'400'000LL};
  /// How often they are erased, and how many in one transaction.
  milliseconds erase_every{3'600'000};
  std::uint32_t erased_at_once = 500;
  /// Durables of jobs, of pages, and of what consumers say of runs.
  std::string jobs_durable;
  std::string pages_durable;
  std::string words_durable;
};

/// The state of a RECONCILER. Spawn it with `reconciler`.
class reconciler_state {
public:
  static inline constexpr const char* name = "reconciler";

  explicit reconciler_state(
    reconciler_actor::stateful_pointer<reconciler_state> self);

  reconciler_actor::behavior_type
  make_behavior(actor_context context, store_access store,
                std::shared_ptr<bus> bus, outbox_relay_actor relay,
                reconciler_config config);

private:
  /// What one look at the database found.
  struct findings {
    std::vector<sync_run> runs;
    std::vector<column_value> next; // Where the list goes on.
    /// Subjects of jobs that are on their way to the bus.
    std::unordered_set<std::string> unsent;
    bool unsent_hidden = false; // There are more of those.
  };
  /// One look: at all runs that were not touched for a while, or at those of
  /// one athlete.
  struct round {
    std::int64_t athlete_id = 0; // 0: all.
    kit::promise<void> reply;
    findings found;
    std::size_t at = 0; // Of `found.runs`.
    run_movers movers;
  };
  using round_ptr = std::shared_ptr<round>;

  void enter(const round_ptr& r);
  void read_runs(const round_ptr& r, std::vector<column_value> after);
  void read_movers(const round_ptr& r);
  void next_run(const round_ptr& r);
  void look_at_job(const round_ptr& r);
  void look_at_older_jobs(const round_ptr& r);
  void job_known(const round_ptr& r, run_traces traces);
  void judge(const round_ptr& r, const run_traces& traces);
  void mend(const round_ptr& r, run_verdict verdict);
  void pass_over(const round_ptr& r, const caf::error& why);
  void end(const round_ptr& r, const caf::error& why);
  void erase_old_runs();
  void begin_second_looks();
  void begin_second_look(std::int64_t athlete_id, unix_ms before_ms);

  [[nodiscard]] run_patience patience_of(const round_ptr& r) const;
  [[nodiscard]] bool is_known_to_wait(const round_ptr& r) const;

  reconciler_actor::stateful_pointer<reconciler_state> self_;
  actor_context context_;
  store_access store_;
  std::shared_ptr<bus> bus_;
  outbox_relay_actor relay_;
  reconciler_config config_;
  std::deque<round_ptr> rounds_; // The first one is under way.
  /// Sequences of jobs that were seen to wait, by run: most runs that are still
  /// wait for a permit, for hours.
  std::unordered_map<std::string, std::uint64_t> waiting_;
  std::unordered_set<std::string> passed_over_; // By id: told of once.
  std::uint64_t last_job_ = 0;                  // Of JOBS, when last seen.
  milliseconds since_second_looks_{0};
  milliseconds since_erasing_{0};
};

/// Looks after runs whose job is gone though they have not ended, and begins
/// what nobody else would. Any number of nodes may have one: each change
/// happens only if the run is as it was judged.
reconciler_actor::behavior_type
reconciler(reconciler_actor::stateful_pointer<reconciler_state> self,
           actor_context context, store_access store, std::shared_ptr<bus> bus,
           outbox_relay_actor relay, reconciler_config config);

} // namespace stravasync
