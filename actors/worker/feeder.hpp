#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/ports/bus.hpp"
#include "actors/protocols/athletes.hpp"
#include "actors/protocols/schedule.hpp"
#include "actors/schedule_state.hpp"
#include "actors/worker/leadership.hpp"
#include "actors/worker/waiting_jobs.hpp"
#include "messages/state.pb.h"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace stravasync {

struct feeder_config {
  /// Messages in flight to the bus at once.
  std::uint32_t publishers = 10;
  /// Athletes asked for at once, 1 to 200.
  std::uint32_t athletes_page = 200;
  /// See `first_position`.
  std::int64_t incremental_overlap_s = 0;
  /// The durable by which consumers take jobs; empty: what waits for them is
  /// not looked at.
  std::string jobs_durable;
};

/// The state of a FEEDER. Spawn it with `feeder`.
class feeder_state {
public:
  static inline constexpr const char* name = "feeder";

  explicit feeder_state(feeder_actor::stateful_pointer<feeder_state> self);

  feeder_actor::behavior_type
  make_behavior(actor_context context, std::shared_ptr<bus> bus,
                std::shared_ptr<leadership> role, athletes_actor athletes,
                feeder_config config);

private:
  /// A job of the page in hand.
  struct queued_job {
    jobs::v1::SyncAthlete job;
    /// When the athlete's newest run that the store knows of began; 0: none.
    unix_ms newest_began_ms = 0;
  };

  /// One run over all athletes.
  struct feeding {
    feed_athletes what;
    kit::promise<fed_athletes> reply;
    std::uint64_t token = 0;           // Under which it may act.
    state::v1::ScheduleState saved;    // As in the bucket at `revision`.
    state::v1::ScheduleState progress; // With the page in hand.
    std::uint64_t revision = 0;
    bool claimed = false;
    job_backlog backlog; // As of the begin.
    std::vector<queued_job> queued;
    std::size_t in_flight = 0;
    std::string next_cursor;
    caf::error failure;
  };
  using feeding_ptr = std::shared_ptr<feeding>;

  caf::result<fed_athletes> begin(const feed_athletes& what);
  void resume(const feeding_ptr& run);
  void claim(const feeding_ptr& run);
  void look_at_jobs(const feeding_ptr& run);
  void ask_page(const feeding_ptr& run);
  void feed_page(const feeding_ptr& run, const query::v1::AthleteList& page);
  void publish_some(const feeding_ptr& run);
  void look_for_waiting(const feeding_ptr& run, const queued_job& next);
  void publish_job(const feeding_ptr& run, const queued_job& next);
  void checkpoint(const feeding_ptr& run, bool finished);
  void save(const feeding_ptr& run, std::function<void()> then);
  void finish(const feeding_ptr& run);
  void fail(const feeding_ptr& run, const caf::error& why);
  void end(const feeding_ptr& run, const caf::error& why);
  [[nodiscard]] caf::error superseded(const feeding& run) const;

  feeder_actor::stateful_pointer<feeder_state> self_;
  actor_context context_;
  std::shared_ptr<bus> bus_;
  std::shared_ptr<leadership> role_;
  athletes_actor athletes_;
  feeder_config config_;
  std::set<std::string> busy_; // Schedules with a run under way.
};

/// Publishes a job for every athlete, a page of athletes at a time with many
/// publishes in flight; after each page it writes down where it is, and goes on
/// there if it is asked again, here or on another node.
///
/// An athlete whose job of an earlier slot still waits for a consumer gets no
/// second one, however many slots pass: the first will list what the second
/// would.
///
/// Acts only while this node leads, and looks before each step. A run begins
/// with a claim: from then on no checkpoint of an earlier leader is taken any
/// more, because each is a compare-and-swap. What such a leader had published
/// but not written down comes again with the same ids: the stream drops it, or,
/// past its dedupe window, SYNC finds the page that the first one led to.
feeder_actor::behavior_type
feeder(feeder_actor::stateful_pointer<feeder_state> self, actor_context context,
       std::shared_ptr<bus> bus, std::shared_ptr<leadership> role,
       athletes_actor athletes, feeder_config config);

} // namespace stravasync
