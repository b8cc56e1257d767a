#include "actors/api/reconciler.hpp"

#include "actors/kit/continuation.hpp"
#include "actors/kit/handlers.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace stravasync {

namespace {

constexpr auto passed_over_max = std::size_t{10'000};

using last_message = std::optional<stored_message>;

/// All else is away for every run.
bool is_of_one_run(const caf::error& why) {
  auto code = code_of(why);
  return code == ec::invalid_argument || code == ec::malformed
         || code == ec::conflict || code == ec::internal;
}

} // namespace

reconciler_state::reconciler_state(
  reconciler_actor::stateful_pointer<reconciler_state> self)
  : self_{self} {
}

reconciler_actor::behavior_type
reconciler_state::make_behavior(actor_context context, store_access store,
                                std::shared_ptr<bus> bus,
                                outbox_relay_actor relay,
                                reconciler_config config) {
  context_ = std::move(context);
  store_ = std::move(store);
  bus_ = std::move(bus);
  relay_ = std::move(relay);
  config_ = std::move(config);
  self_->send(self_, reconcile_tick{});
  return kit::handlers(
    self_, context_.statistics, kit::on_throw::crash,
    [this](const reconcile_athlete& x) -> caf::result<void> {
      auto r = std::make_shared<round>();
      r->athlete_id = x.athlete_id;
      r->reply = kit::make_promise<void>(self_);
      enter(r);
      return r->reply;
    },
    [this](reconcile_tick) {
      self_->delayed_send(self_, config_.every, reconcile_tick{});
      // One that takes longer than that is not overtaken.
      if (rounds_.empty())
        enter(std::make_shared<round>());
      since_second_looks_ += config_.every;
      if (since_second_looks_ >= config_.second_look_every)
        begin_second_looks();
      since_erasing_ += config_.every;
      if (since_erasing_ >= config_.erase_every)
        erase_old_runs();
    });
}

void reconciler_state::enter(const round_ptr& r) {
  rounds_.push_back(r);
  if (rounds_.size() == 1)
    read_runs(r, {});
}

void reconciler_state::read_runs(const round_ptr& r,
                                 std::vector<column_value> after) {
  list_query query;
  query.where.push_back(
    {"finished_at_ms", condition::relation::equal, std::int64_t{0}});
  if (r->athlete_id != 0)
    query.where.push_back(
      {"athlete_id", condition::relation::equal, r->athlete_id});
  query.after = std::move(after);
  query.limit = config_.batch;
  auto work = [query, unsent_max = config_.unsent_max](
                transaction& tx, findings& out) -> caf::error {
    auto runs = tx.sync_runs().list(query);
    if (!runs)
      return runs.error();
    auto unsent = tx.queries().unsent(unsent_max);
    if (!unsent)
      return unsent.error();
    out.runs = std::move(runs->items);
    out.next = std::move(runs->next);
    for (auto& one : *unsent)
      out.unsent.insert(std::move(one.subject));
    out.unsent_hidden = unsent->size() == unsent_max;
    return {};
  };
  read_store_long<findings>(self_, store_, std::move(work),
                            [this, r](caf::expected<findings> got) {
                              if (!got)
                                return end(r, got.error());
                              r->found = std::move(*got);
                              read_movers(r);
                            });
}

void reconciler_state::read_movers(const round_ptr& r) {
  auto quiet = r->athlete_id == 0 ? config_.every : milliseconds{0};
  std::erase_if(r->found.runs, [&](const sync_run& run) {
    return !is_still(run, context_.now(), quiet)
           || r->found.unsent.contains(job_subject(run.athlete_id));
  });
  r->at = 0;
  // What is not known to be on its way may be.
  if (r->found.unsent_hidden)
    return end(r, {});
  if (r->found.runs.empty())
    return next_run(r);
  using states = std::vector<stream_state>;
  bus_->describe(kit::in_actor(self_, [this, r](caf::expected<states> got) {
    if (!got)
      return end(r, got.error());
    r->movers = movers_of(*got, config_.jobs_durable, config_.pages_durable,
                          config_.words_durable);
    if (r->movers.last_job < last_job_) // Another stream of that name.
      waiting_.clear();
    last_job_ = r->movers.last_job;
    next_run(r);
  }));
}

void reconciler_state::next_run(const round_ptr& r) {
  auto& runs = r->found.runs;
  while (r->at < runs.size() && is_known_to_wait(r))
    ++r->at;
  if (r->at < runs.size())
    return look_at_job(r);
  if (r->found.next.empty())
    return end(r, {});
  read_runs(r, std::move(r->found.next));
}

run_patience reconciler_state::patience_of(const round_ptr& r) const {
  return {context_.now(),
          r->athlete_id == 0 ? config_.patience : config_.every};
}

bool reconciler_state::is_known_to_wait(const round_ptr& r) const {
  const auto& run = r->found.runs[r->at];
  auto found = waiting_.find(run.id);
  return found != waiting_.end() && found->second >= r->movers.first_job
         && job_waits(run, found->second, r->movers, patience_of(r));
}

void reconciler_state::look_at_job(const round_ptr& r) {
  const auto& run = r->found.runs[r->at];
  bus_->last(std::string{stream_of(jobs::v1::SyncAthlete{})},
             job_subject(run.athlete_id),
             kit::in_actor(self_, [this, r](caf::expected<last_message> got) {
               if (!got)
                 return pass_over(r, got.error());
               if (*got && !is_job_of(**got, r->found.runs[r->at]))
                 return look_at_older_jobs(r);
               job_known(r, {.job = *got ? (*got)->sequence : 0});
             }));
}

void reconciler_state::look_at_older_jobs(const round_ptr& r) {
  using messages = std::vector<stored_message>;
  bus_->read(jobs_about(r->found.runs[r->at]),
             kit::in_actor(self_, [this, r](caf::expected<messages> got) {
               if (!got)
                 return pass_over(r, got.error());
               run_traces traces;
               for (const auto& one : *got)
                 if (is_job_of(one, r->found.runs[r->at]))
                   traces.job = one.sequence;
               job_known(r, traces);
             }));
}

void reconciler_state::job_known(const round_ptr& r, run_traces traces) {
  const auto& run = r->found.runs[r->at];
  if (job_waits(run, traces.job, r->movers, patience_of(r))) {
    waiting_[run.id] = traces.job;
    ++r->at;
    return next_run(r);
  }
  waiting_.erase(run.id);
  bus_->last(
    std::string{stream_of(ingest::v1::ActivitiesPage{})}, page_subject(run),
    kit::in_actor(self_, [this, r, traces](caf::expected<last_message> got) {
      if (!got)
        return pass_over(r, got.error());
      auto all = traces;
      ingest::v1::ActivitiesPage page;
      if (*got && decode((*got)->message, page)) {
        all.page = (*got)->sequence;
        all.page_number = page.page_number();
      }
      judge(r, all);
    }));
}

void reconciler_state::judge(const round_ptr& r, const run_traces& traces) {
  auto verdict = judge_run(r->found.runs[r->at], traces, r->movers,
                           patience_of(r));
  if (verdict != run_verdict::goes_on)
    return mend(r, verdict);
  ++r->at;
  next_run(r);
}

void reconciler_state::mend(const round_ptr& r, run_verdict verdict) {
  auto work = [run = r->found.runs[r->at], verdict, now = context_.now(),
               overlap_s = config_.incremental_overlap_s](
                transaction& tx, bool& out) -> caf::error {
    auto done = mend_run(tx, run, verdict, now, overlap_s);
    if (!done)
      return done.error();
    out = *done;
    return {};
  };
  write_store_of<bool>(self_, store_, r->found.runs[r->at].athlete_id,
                       std::move(work),
                       [this, r, verdict](const caf::expected<bool>& done) {
                         if (!done)
                           return pass_over(r, done.error());
                         const auto& run = r->found.runs[r->at];
                         if (*done) {
                           context_.journal->warning(
                             verdict == run_verdict::torn
                               ? "a run lost a page and ended"
                               : "nothing moved a run any more; it goes on",
                             {{"athlete", run.athlete_id},
                              {"run", run.id},
                              {"pages", std::int64_t{run.pages_stored}}});
                           self_->send(relay_, outbox_filled{});
                         }
                         ++r->at;
                         next_run(r);
                       });
}

/// A run that cannot be looked at keeps nobody from the runs behind it.
void reconciler_state::pass_over(const round_ptr& r, const caf::error& why) {
  if (r->athlete_id != 0 || !is_of_one_run(why))
    return end(r, why);
  const auto& run = r->found.runs[r->at];
  if (passed_over_.size() >= passed_over_max)
    passed_over_.clear();
  if (passed_over_.insert(run.id).second)
    context_.journal->warning("a run that stands still cannot be looked at",
                              {{"athlete", run.athlete_id},
                               {"run", run.id},
                               {"reason", detail_of(why)}});
  ++r->at;
  next_run(r);
}

void reconciler_state::end(const round_ptr& r, const caf::error& why) {
  // What is away says so by itself; the next look comes back to it.
  r->reply.deliver(why);
  std::erase_if(waiting_, [&](const auto& one) {
    return one.second <= r->movers.jobs_settled_to;
  });
  rounds_.pop_front();
  if (!rounds_.empty())
    read_runs(rounds_.front(), {});
}

reconciler_actor::behavior_type
reconciler(reconciler_actor::stateful_pointer<reconciler_state> self,
           actor_context context, store_access store, std::shared_ptr<bus> bus,
           outbox_relay_actor relay, reconciler_config config) {
  return self->state.make_behavior(std::move(context), std::move(store),
                                   std::move(bus), std::move(relay),
                                   std::move(config));
}

} // namespace stravasync
