#include "actors/api/absences.hpp"

#include "actors/api/progress.hpp"
#include "actors/api/records.hpp"
#include "actors/api/unread_activities.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace stravasync {

namespace {

using ids = std::vector<std::int64_t>;
using absence_map = std::unordered_map<std::int64_t, absence>;

/// More than any athlete has.
constexpr auto activities_max = std::uint32_t{1'000'000};

caf::expected<absence_map>
read_absences(transaction& tx, std::int64_t athlete_id) {
  list_query query;
  query.where.push_back({"athlete_id", condition::relation::equal, athlete_id});
  query.limit = activities_max;
  auto rows = tx.absences().list(query);
  if (!rows)
    return rows.error();
  absence_map result;
  for (auto& one : rows->items)
    result.emplace(one.activity_id, one);
  return result;
}

/// Takes those out of `unseen` that Strava may hide from us, and returns them.
caf::expected<ids>
take_hidden(transaction& tx, const athlete& whose, ids& unseen) {
  ids result;
  if (may_see_private(whose.scope))
    return result;
  auto rows = tx.activities().get_many(unseen, raw_json::left_out);
  if (!rows)
    return rows.error();
  for (const auto& row : *rows)
    if (row.visibility == "only_me")
      result.push_back(row.id);
  std::ranges::sort(result);
  std::erase_if(unseen, [&](std::int64_t id) {
    return std::ranges::binary_search(result, id);
  });
  return result;
}

/// Deletes `which`, gone since `at_ms`.
caf::error delete_absent(transaction& tx, const ids& which, unix_ms at_ms) {
  if (auto marked = tx.queries().mark_deleted(which, at_ms); !marked)
    return marked.error();
  for (auto id : which)
    if (auto erased = tx.absences().erase({id}); !erased)
      return erased.error();
  return {};
}

/// One finished re-list that lacks something.
class judgement {
public:
  judgement(transaction& tx, const sync_run& run, absence_map known,
            absence_effect& out)
    : tx_{tx},
      run_{run},
      known_{std::move(known)},
      out_{out} {
  }

  void keep(std::int64_t id, absence_kind kind) {
    kept_.push_back({id, run_.athlete_id, static_cast<std::int64_t>(kind),
                     since_of(id, kind)});
    ++(kind == absence_kind::unseen    ? out_.unseen
       : kind == absence_kind::doubted ? out_.doubted
                                       : out_.hidden);
  }

  /// @returns whether an earlier list of long enough ago lacked it, too.
  [[nodiscard]] bool is_second_look(std::int64_t id, milliseconds apart) const {
    auto since = since_of(id, absence_kind::unseen);
    return since < run_.first_fetched_at_ms
           && run_.first_fetched_at_ms - since >= apart.count();
  }

  void remove(std::int64_t id) {
    out_.deleted_ids.push_back(id);
  }

  caf::error write() {
    // Not the time of storing: what was fetched since then is newer.
    if (auto why = delete_absent(tx_, out_.deleted_ids,
                                 run_.first_fetched_at_ms))
      return why;
    if (kept_.empty())
      return {};
    auto stored = tx_.absences().upsert_many(kept_);
    return stored ? caf::error{} : stored.error();
  }

private:
  /// A list that was not believed is no first look.
  [[nodiscard]] unix_ms since_of(std::int64_t id, absence_kind kind) const {
    auto found = known_.find(id);
    auto was = [&](absence_kind what) {
      return found != known_.end()
             && found->second.kind == static_cast<std::int64_t>(what);
    };
    auto earlier
      = kind != absence_kind::hidden
        && (was(absence_kind::unseen)
            || (was(absence_kind::doubted) && kind == absence_kind::doubted));
    return earlier ? std::min(found->second.since_ms, run_.first_fetched_at_ms)
                   : run_.first_fetched_at_ms;
  }

  transaction& tx_;
  const sync_run& run_;
  absence_map known_;
  absence_effect& out_;
  std::vector<absence> kept_;
};

void decide(judgement& on, const ids& missing, missing_fate fate,
            milliseconds second_look) {
  for (auto id : missing)
    switch (fate) {
      case missing_fate::deleted:
        on.remove(id);
        break;
      case missing_fate::second_look:
        if (on.is_second_look(id, second_look))
          on.remove(id);
        else
          on.keep(id, absence_kind::unseen);
        break;
      case missing_fate::doubted:
        on.keep(id, absence_kind::doubted);
        break;
    }
}

/// Tells other services and whoever watches.
caf::error announce_deleted(transaction& tx, const athlete& whose,
                            const ids& deleted, unix_ms now) {
  auto occasion = "confirmed/" + std::to_string(now);
  events::v1::ActivityStored fact;
  fact.set_athlete_id(whose.id);
  fact.set_run_id("confirmed-" + std::to_string(whose.id) + "-"
                  + std::to_string(now));
  fact.set_at_ms(now);
  fact.mutable_deleted_ids()->Add(deleted.begin(), deleted.end());
  auto id = "stored/" + fact.run_id();
  if (auto why = enqueue(tx, make_envelope(fact, {.message_id = id}), now))
    return why;
  return announce_progress(tx, whose, now, occasion);
}

/// Deletes what is missing since one time, and records that it was confirmed.
caf::error confirm_some(transaction& tx, std::int64_t athlete_id,
                        unix_ms since_ms, const ids& which, unix_ms now) {
  ingest::v1::DeletionsConfirmed what;
  what.set_athlete_id(athlete_id);
  what.set_at_ms(now);
  what.set_missing_since_ms(since_ms);
  what.mutable_activity_ids()->Add(which.begin(), which.end());
  if (auto deleted = apply_confirmed(tx, what); !deleted)
    return deleted.error();
  auto id = "confirmed/" + std::to_string(athlete_id) + "/"
            + std::to_string(now) + "/" + std::to_string(since_ms);
  return enqueue(tx, make_envelope(what, {.message_id = id}), now);
}

} // namespace

missing_fate fate_of_missing(std::int64_t missing, std::int64_t stored,
                             const deletion_rules& rules) {
  // An empty list is the likeliest of errors.
  if (missing > 1 && missing >= stored)
    return missing_fate::doubted;
  if (stored < rules.share_from)
    return missing_fate::second_look;
  auto share = static_cast<double>(missing) / static_cast<double>(stored);
  return share > rules.share_max ? missing_fate::doubted
                                 : missing_fate::deleted;
}

caf::error
judge_unseen(transaction& tx, const sync_run& run, const athlete& whose,
             const deletion_rules& rules, absence_effect& out) {
  // What was uploaded meanwhile may have come by a node whose clock is behind.
  auto before = run.first_fetched_at_ms - rules.clock_skew_max.count();
  auto missing = tx.queries().not_fetched_since(run.athlete_id, before,
                                                activities_max);
  if (!missing)
    return missing.error();
  if (auto why = spare_unread(tx, run.athlete_id, before, *missing,
                              out.unreadable))
    return why;
  if (missing->empty())
    return {};
  auto hidden = take_hidden(tx, whose, *missing);
  if (!hidden)
    return hidden.error();
  auto stored = tx.queries().count_activities(run.athlete_id);
  if (!stored)
    return stored.error();
  auto known = read_absences(tx, run.athlete_id);
  if (!known)
    return known.error();
  out.stored = *stored - static_cast<std::int64_t>(hidden->size());
  // What was public when it was stored may have become private since then.
  out.may_be_private = !may_see_private(whose.scope);
  // What cannot be read may be any of them.
  auto fate = out.may_be_private || out.unreadable > 0
                ? missing_fate::doubted
                : fate_of_missing(static_cast<std::int64_t>(missing->size()),
                                  out.stored, rules);
  judgement on{tx, run, std::move(*known), out};
  for (auto id : *hidden)
    on.keep(id, absence_kind::hidden);
  decide(on, *missing, fate, rules.second_look);
  return on.write();
}

caf::error
confirm_deletions(transaction& tx, const query::v1::ConfirmDeletions& asked,
                  unix_ms now) {
  auto whose = find_athlete(tx, asked.athlete_id());
  if (!whose)
    return whose.error();
  auto known = read_absences(tx, whose->id);
  if (!known)
    return known.error();
  std::map<unix_ms, ids> by_time;
  ids all;
  for (const auto& [id, one] : *known)
    if (one.kind != static_cast<std::int64_t>(absence_kind::hidden)) {
      by_time[one.since_ms].push_back(id);
      all.push_back(id);
    }
  auto count = static_cast<std::int64_t>(all.size());
  if (count != asked.missing_activities())
    return make_failure(ec::conflict,
                        "missing: " + std::to_string(count)
                          + " activities are missing from Strava's list now, "
                            "not "
                          + std::to_string(asked.missing_activities())
                          + "; look again");
  if (count == 0)
    return {};
  for (const auto& [since_ms, which] : by_time)
    if (auto why = confirm_some(tx, whose->id, since_ms, which, now))
      return why;
  std::ranges::sort(all);
  return announce_deleted(tx, *whose, all, now);
}

caf::expected<std::int64_t>
apply_confirmed(transaction& tx, const ingest::v1::DeletionsConfirmed& what) {
  auto named = ids{what.activity_ids().begin(), what.activity_ids().end()};
  auto rows = tx.activities().get_many(named, raw_json::left_out);
  if (!rows)
    return rows.error();
  ids which;
  for (const auto& row : *rows)
    if (row.athlete_id == what.athlete_id() && !row.deleted_at_ms
        && row.fetched_at_ms < what.missing_since_ms())
      which.push_back(row.id);
  if (auto why = delete_absent(tx, which, what.missing_since_ms()))
    return why;
  return static_cast<std::int64_t>(which.size());
}

} // namespace stravasync
