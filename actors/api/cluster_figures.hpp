#pragma once

#include "actors/context.hpp"
#include "actors/kit/promise.hpp"
#include "actors/protocols/operations.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace stravasync {

struct cluster_figures_config {
  /// For so long what was answered, or was not, is answered again.
  std::chrono::milliseconds fresh_for{2'000};
  /// How long an answer may take to come.
  std::chrono::milliseconds deadline{1'000};
};

/// The state of a CLUSTER FIGURES. Spawn it with `follow_cluster`.
class cluster_figures_state {
public:
  static inline constexpr const char* name = "cluster-figures";

  explicit cluster_figures_state(
    cluster_figures_actor::stateful_pointer<cluster_figures_state> self);

  cluster_figures_actor::behavior_type
  make_behavior(actor_context context, operations_actor operations,
                schedules_actor schedules, cluster_figures_config config);

private:
  using answer = std::shared_ptr<const cluster_figures>;
  using time_point = caf::actor_clock::time_point;
  struct round;
  using round_ptr = std::shared_ptr<round>;

  void begin_round();
  template <class Part, class Handle, class Question>
  void ask(const round_ptr& of, const Handle& whom, Question question,
           Part cluster_figures::*part);
  void conclude(const round_ptr& of);
  void answer_waiting();
  [[nodiscard]] answer known() const;

  cluster_figures_actor::stateful_pointer<cluster_figures_state> self_;
  operations_actor operations_;
  schedules_actor schedules_;
  cluster_figures_config config_;
  cluster_figures last_;
  std::optional<time_point> answered_at_; // When `last_` came.
  std::optional<time_point> concluded_at_;
  std::uint64_t rounds_ = 0;
  bool open_ = false;    // A round is under way.
  bool overdue_ = false; // And takes too long.
  std::vector<kit::promise<answer>> waiting_;
};

/// Knows what the nodes share, for scrapes: it asks when it is asked, every few
/// seconds at most, and answers within its deadline, whatever the bus does.
cluster_figures_actor::behavior_type follow_cluster(
  cluster_figures_actor::stateful_pointer<cluster_figures_state> self,
  actor_context context, operations_actor operations, schedules_actor schedules,
  cluster_figures_config config);

} // namespace stravasync
