#include "actors/api/operations.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "actors/nodes/inspection.hpp"
#include "actors/nodes/presence.hpp"
#include "messages/error.hpp"
#include "messages/state.pb.h"
#include "messages/units.hpp"
#include "messages/validation.hpp"

#include <algorithm>
#include <utility>

namespace stravasync {

namespace {

constexpr auto lost_after = 4 * presence_every;
constexpr auto forget_after = std::chrono::minutes{10};
constexpr auto watch_again_after = milliseconds{2'000};
/// Windows that are shown; a ledger has no more.
constexpr auto closed_max = 100;
/// Times that a reset is tried: others write the ledger all the time.
constexpr auto reset_tries = 20;

node_registry::time_point steady_now() {
  return std::chrono::steady_clock::now();
}

void add_gauge(query::v1::Budget& to, const char* label,
               const state::v1::BudgetLedger::Gauge& from, unix_ms start_ms,
               unix_ms length_ms, unix_ms now) {
  auto* gauge = to.add_gauges();
  gauge->set_name(label);
  gauge->set_limit(from.limit());
  // The ledger turns its window over with the next request, not by the clock.
  // One of the future, by a clock that was wrong, is corrected with it, too.
  auto over = start_ms <= now - length_ms;
  auto ahead = start_ms > now + length_ms;
  gauge->set_used(over ? 0 : from.used());
  gauge->set_resets_at_ms(over || ahead ? now - now % length_ms + length_ms
                                        : start_ms + length_ms);
}

/// A ledger that is not there, or was reset, has no limits yet.
void add_missing_limits(state::v1::BudgetLedger& to,
                        const budget_limits& from) {
  auto add = [](state::v1::BudgetLedger::Gauge& gauge, std::uint32_t limit) {
    if (gauge.limit() == 0)
      gauge.set_limit(limit);
  };
  add(*to.mutable_short_read(), from.short_read);
  add(*to.mutable_short_overall(), from.short_overall);
  add(*to.mutable_day_read(), from.day_read);
  add(*to.mutable_day_overall(), from.day_overall);
}

query::v1::Budget
describe(const state::v1::BudgetLedger& book, unix_ms window_ms, unix_ms now) {
  query::v1::Budget result;
  add_gauge(result, "short_read", book.short_read(), book.window_start_ms(),
            window_ms, now);
  add_gauge(result, "short_overall", book.short_overall(),
            book.window_start_ms(), window_ms, now);
  add_gauge(result, "day_read", book.day_read(), book.day_start_ms(), day_ms,
            now);
  add_gauge(result, "day_overall", book.day_overall(), book.day_start_ms(),
            day_ms, now);
  result.set_confirmed(book.confirmed());
  result.set_in_flight(static_cast<std::uint32_t>(
    std::ranges::count_if(book.leases(), [now](const auto& one) {
      return one.expires_at_ms() > now;
    })));
  result.set_window_ms(window_ms);
  for (const auto& one : book.closed()) {
    if (one.window_start_ms() <= 0 || one.window_start_ms() > now + window_ms)
      continue;
    if (result.closed_size() == closed_max)
      break;
    auto* window = result.add_closed();
    window->set_start_ms(one.window_start_ms());
    window->set_used_read(one.used_read());
    window->set_limit_read(one.limit_read());
    window->set_saturated(one.refused_any());
  }
  return result;
}

query::v1::StreamList describe(const std::vector<stream_state>& streams) {
  query::v1::StreamList result;
  for (const auto& one : streams) {
    auto* stream = result.add_streams();
    stream->set_name(one.config.name);
    stream->set_subjects(one.config.subjects);
    stream->set_messages(one.messages);
    stream->set_bytes(one.bytes);
    stream->set_first_seq(one.first_sequence);
    stream->set_last_seq(one.last_sequence);
    for (const auto& durable : one.durables) {
      auto* d = stream->add_durables();
      d->set_name(durable.name);
      d->set_filter_subject(durable.filter_subject);
      d->set_pending(durable.pending);
      d->set_ack_pending(durable.ack_pending);
      d->set_redelivered(durable.redelivered);
    }
  }
  return result;
}

} // namespace

operations_state::operations_state(
  operations_actor::stateful_pointer<operations_state> self)
  : self_{self},
    nodes_{lost_after, forget_after} {
}

operations_actor::behavior_type
operations_state::make_behavior(actor_context context, std::shared_ptr<bus> bus,
                                known_actors actors,
                                std::shared_ptr<requests> others,
                                operations_config config) {
  context_ = std::move(context);
  bus_ = std::move(bus);
  actors_ = std::move(actors);
  others_ = std::move(others);
  config_ = std::move(config);
  watch_nodes();
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const query::v1::GetBudget&) -> caf::result<query::v1::Budget> {
      auto to = kit::make_promise<query::v1::Budget>(self_);
      show_budget(to);
      return to;
    },
    [this](const query::v1::ResetBudget& x) -> caf::result<query::v1::Budget> {
      auto to = kit::make_promise<query::v1::Budget>(self_);
      reset_budget(x.asked_by(), reset_tries, to);
      return to;
    },
    [this](const query::v1::GetActors& x) { return actors_of(x.node()); },
    [this](const query::v1::GetStreams&) -> caf::result<query::v1::StreamList> {
      auto to = kit::make_promise<query::v1::StreamList>(self_);
      using states = std::vector<stream_state>;
      bus_->describe(kit::in_actor(self_, [to](caf::expected<states> got) {
        if (!got)
          return to.deliver(got.error());
        to.deliver(describe(*got));
      }));
      return to;
    },
    [this](const query::v1::GetNodes&) {
      tidy_nodes();
      auto all = nodes_.list(steady_now());
      // It may be unable to write that it is there; it is, and says what it
      // lacks.
      for (auto& one : *all.mutable_nodes())
        if (one.id() == actors_.node)
          one.set_state("up");
      return all;
    },
    [this](const watch_nodes_again&) { watch_nodes(); });
}

void operations_state::show_budget(const budget_reply& to) {
  using entry = std::optional<key_value_entry>;
  bus_->get(config_.budget_bucket, config_.budget_key,
            kit::in_actor(self_, [this, to](caf::expected<entry> got) {
              if (!got)
                return to.deliver(got.error());
              state::v1::BudgetLedger book;
              // BUDGET, too, begins anew if it cannot read it.
              if (*got && !book.ParseFromString((*got)->value))
                book.Clear();
              add_missing_limits(book, config_.limits);
              to.deliver(
                describe(book, config_.window.count(), context_.now()));
            }));
}

/// A ledger without limits is how BUDGET is asked for a new one. What is in
/// flight stays: it will be counted.
void operations_state::reset_budget(const std::string& asked_by, int tries,
                                    const budget_reply& to) {
  using entry = std::optional<key_value_entry>;
  auto written = [this, asked_by, tries,
                  to](const caf::expected<std::uint64_t>& revision) {
    if (!revision && code_of(revision.error()) == ec::conflict && tries > 1)
      return reset_budget(asked_by, tries - 1, to);
    if (!revision)
      return to.deliver(revision.error());
    context_.journal->warning("the ledger of the budget was reset",
                              {{"by", asked_by}, {"through", context_.node}});
    show_budget(to);
  };
  bus_->get(config_.budget_bucket, config_.budget_key,
            kit::in_actor(self_, [this, to, written](caf::expected<entry> got) {
              if (!got)
                return to.deliver(got.error());
              state::v1::BudgetLedger fresh;
              state::v1::BudgetLedger old;
              if (*got && old.ParseFromString((*got)->value))
                fresh.mutable_leases()->Swap(old.mutable_leases());
              bus_->put(config_.budget_bucket, config_.budget_key,
                        fresh.SerializeAsString(), *got ? (*got)->revision : 0,
                        kit::in_actor(self_, written));
            }));
}

caf::result<query::v1::ActorTree>
operations_state::actors_of(const std::string& node) {
  if (node.empty() || node == actors_.node)
    return report(actors_);
  if (!others_ || !nodes_.knows(node))
    return make_failure(ec::not_found, "there is no node " + node);
  auto to = kit::make_promise<query::v1::ActorTree>(self_);
  others_->ask(
    inspection_subject(node), query::v1::GetActors{}.SerializeAsString(),
    config_.node_deadline,
    kit::in_actor(self_, [to, node](caf::expected<std::string> got) {
      query::v1::ActorTree tree;
      if (!got)
        return to.deliver(make_failure(code_of(got.error()),
                                       "node " + node + " does not answer"));
      if (!parse_bounded(*got, tree))
        return to.deliver(
          make_failure(ec::internal, "node " + node + " answers nonsense"));
      to.deliver(std::move(tree));
    }));
  return to;
}

void operations_state::watch_nodes() {
  bus_->watch(
    nodes_bucket,
    kit::in_actor(self_,
                  [this](const key_value_change& change) {
                    nodes_.note(change, steady_now());
                    if (nodes_.crowded() && !std::exchange(crowded_, true))
                      context_.journal->warning(
                        "more nodes are written down than there can be; only "
                        "those heard of last are shown",
                        {{"shown", static_cast<std::int64_t>(nodes_max)}});
                  }),
    kit::in_actor(
      self_, [this](caf::expected<std::shared_ptr<key_value_watch>> got) {
        if (got)
          watch_ = std::move(*got);
        else
          self_->delayed_send(self_, watch_again_after, watch_nodes_again{});
      }));
}

void operations_state::tidy_nodes() {
  for (auto& id : nodes_.take_forgotten(steady_now()))
    bus_->erase(nodes_bucket, std::move(id), [](auto&&) {});
}

operations_actor::behavior_type
operations(operations_actor::stateful_pointer<operations_state> self,
           actor_context context, std::shared_ptr<bus> bus, known_actors actors,
           std::shared_ptr<requests> others, operations_config config) {
  return self->state.make_behavior(std::move(context), std::move(bus),
                                   std::move(actors), std::move(others),
                                   std::move(config));
}

} // namespace stravasync
