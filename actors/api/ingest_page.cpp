#include "actors/api/freshness.hpp"
#include "actors/api/ingest_writer.hpp"
#include "actors/api/records.hpp"
#include "actors/api/run_pages.hpp"
#include "actors/api/start_times.hpp"
#include "actors/api/unread_activities.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <map>

namespace stravasync {

namespace {

using events::v1::ActivityStored;

struct decoded_page {
  std::vector<activity> rows;
  std::vector<broken_element> broken;
};

decoded_page decode_rows(const ingest::v1::ActivitiesPage& page,
                         const strava_decoder& decoder, unix_ms now) {
  decoded_page result;
  std::map<std::string, std::size_t, std::less<>> equal_before;
  for (const auto& json : page.activities_json()) {
    auto row = decoder.decode_activity(json);
    if (!row) {
      // Their order in the list says nothing: equal ones are counted.
      auto digest = digest_of(json, equal_before[json]++);
      result.broken.push_back(
        {json, digest, decoder.id_of(json), detail_of(row.error())});
      continue;
    }
    row->athlete_id = page.athlete_id();
    // One of the future, by a clock that was wrong, would outlast all others.
    row->fetched_at_ms = std::min<unix_ms>(page.fetched_at_ms(),
                                           now + clocks_apart_max_ms);
    row->raw = json;
    result.rows.push_back(std::move(*row));
  }
  return result;
}

caf::error upsert_rows(transaction& tx, const ingest::v1::ActivitiesPage& page,
                       std::vector<activity> rows, ActivityStored& fact,
                       page_effect& out) {
  if (auto why = leave_out_outdated(tx, page, rows))
    return why;
  auto before = touch_before(tx, page);
  if (!before)
    return before.error();
  auto results = tx.activities().upsert_many(rows, *before);
  if (!results)
    return results.error();
  for (auto i = std::size_t{0}; i < rows.size(); ++i)
    switch ((*results)[i]) {
      case upsert_result::created:
        fact.add_created_ids(rows[i].id);
        ++out.created;
        break;
      case upsert_result::updated:
        fact.add_updated_ids(rows[i].id);
        ++out.updated;
        break;
      case upsert_result::unchanged:
        break;
    }
  return {};
}

/// What is seen is not missing any more, whether it can be read or not.
caf::error end_absences(transaction& tx, const ingest::v1::ActivitiesPage& page,
                        const decoded_page& seen) {
  auto any = tx.queries().absences_of(page.athlete_id());
  if (!any)
    return any.error();
  if (*any == absence_summary{})
    return {};
  std::vector<std::int64_t> ids;
  for (const auto& row : seen.rows)
    ids.push_back(row.id);
  for (const auto& element : seen.broken)
    ids.push_back(element.activity_id);
  auto ended = tx.queries().end_absences(ids, page.fetched_at_ms());
  return ended ? caf::error{} : ended.error();
}

std::string missing_text(std::size_t missing, std::int64_t stored) {
  return std::to_string(missing) + " of " + std::to_string(stored)
         + " activities were missing from Strava's list";
}

/// A finished re-list saw everything there is: the rest is gone at Strava, or
/// Strava erred.
caf::error end_relist(transaction& tx, sync_run& run, const athlete& whose,
                      const ingest_config& config, ActivityStored& fact,
                      page_effect& out) {
  if (!out.complete || run.mode != jobs::v1::SYNC_MODE_RELIST)
    return {};
  auto under = whose;
  if (!config.scope.empty())
    under.scope = config.scope;
  absence_effect found;
  if (auto why = judge_unseen(tx, run, under, config.deletions, found))
    return why;
  out.deleted = found.deleted_ids.size();
  out.unseen = found.unseen;
  out.doubted = found.doubted;
  for (auto id : found.deleted_ids)
    fact.add_deleted_ids(id);
  if (found.doubted > 0 && found.unreadable > 0)
    run.reason = missing_text(found.doubted, found.stored) + ", which holds "
                 + std::to_string(found.unreadable)
                 + " that cannot be read and may be any of them: none is "
                   "deleted before somebody confirms it";
  else if (found.doubted > 0 && found.may_be_private)
    run.reason = missing_text(found.doubted, found.stored)
                 + ": deleted or made private, which Strava does not tell "
                   "without the permission activity:read_all; none is deleted "
                   "before somebody confirms it";
  else if (found.doubted > 0)
    run.reason = missing_text(found.doubted, found.stored)
                 + ": too many to believe, so none is deleted before somebody "
                   "confirms it";
  else if (found.unseen > 0)
    run.reason = missing_text(found.unseen, found.stored)
                 + ": deleted if a list of another day lacks them, too, or "
                   "once somebody confirms it";
  return {};
}

/// What a page that is stored for the first time does to its run.
caf::error
move_run(transaction& tx, sync_run& run, const athlete& whose,
         const ingest::v1::ActivitiesPage& page,
         const std::vector<activity>& rows, const ingest_config& config,
         unix_ms now, ActivityStored& fact, page_effect& out) {
  out.complete = advance_run(run, page, rows, now);
  if (auto why = end_relist(tx, run, whose, config, fact, out))
    return why;
  return tx.sync_runs().update(run);
}

/// The athlete's newest activity, or what stands in for it if the stored one is
/// of a time when clocks were not looked at.
caf::error move_newest(transaction& tx, athlete& whose,
                       const std::vector<activity>& rows, unix_ms now) {
  auto before = whose.newest_start_ms;
  if (auto why = correct_newest(tx, whose, now))
    return why;
  for (const auto& row : rows)
    if (has_happened(row)
        && (whose.newest_start_ms == 0
            || row.start_at_ms > whose.newest_start_ms))
      whose.newest_start_ms = row.start_at_ms;
  return whose.newest_start_ms == before ? caf::error{}
                                         : tx.athletes().update(whose);
}

caf::error
announce(transaction& tx, const athlete& whose,
         const ingest::v1::ActivitiesPage& page, ActivityStored& fact,
         const page_effect& effect, const std::string& occasion, unix_ms now) {
  if (effect.created + effect.updated + effect.deleted > 0) {
    fact.set_athlete_id(whose.id);
    fact.set_run_id(page.run_id());
    fact.set_at_ms(now);
    auto id = "stored/" + page.run_id() + "/" + occasion;
    if (auto why = enqueue(tx, make_envelope(fact, {.message_id = id}), now))
      return why;
  }
  return announce_progress(tx, whose, now, occasion);
}

/// Rows, and what is none.
caf::error
store_rows(transaction& tx, const ingest::v1::ActivitiesPage& page,
           const decoded_page& decoded, const unread_origin& from,
           ActivityStored& fact, page_effect& out, std::size_t& recovered) {
  out.undecodable = decoded.broken.size();
  if (!decoded.broken.empty())
    out.problem = decoded.broken.front().reason;
  if (auto why = upsert_rows(tx, page, decoded.rows, fact, out))
    return why;
  if (auto why = end_absences(tx, page, decoded))
    return why;
  if (auto why = forget_readable(tx, page.athlete_id(), decoded.rows,
                                 recovered))
    return why;
  return set_aside(tx, page, decoded.broken, from, out.letters);
}

/// What could not be read when its page was stored: as if it could have been.
caf::error
store_part(transaction& tx, athlete& whose,
           const ingest::v1::ActivitiesPage& page, const decoded_page& decoded,
           const unread_origin& from, page_effect& out) {
  ActivityStored fact;
  auto recovered = std::size_t{0};
  if (auto why = store_rows(tx, page, decoded, from, fact, out, recovered))
    return why;
  auto run = tx.sync_runs().get({page.run_id()});
  if (!run)
    return run.error();
  if (*run && recovered > 0) {
    count_listed(**run, decoded.rows);
    if (auto why = tx.sync_runs().update(**run))
      return why;
  }
  if (auto why = move_newest(tx, whose, decoded.rows, from.now))
    return why;
  return announce(tx, whose, page, fact, out,
                  std::to_string(page.page_number()) + "/part/"
                    + from.redriven_from,
                  from.now);
}

} // namespace

caf::error
store_page(transaction& tx, const ingest::v1::ActivitiesPage& page,
           const strava_decoder& decoder, const ingest_config& config,
           unix_ms now, page_effect& out, const std::string& redriven_from) {
  auto whose = find_athlete(tx, page.athlete_id());
  if (!whose) {
    out.orphaned = code_of(whose.error()) == ec::not_found;
    return out.orphaned ? caf::error{} : whose.error();
  }
  auto from = unread_origin{config.durable, redriven_from, now};
  if (page.part())
    return store_part(tx, *whose, page, decode_rows(page, decoder, now), from,
                      out);
  auto run = find_run(tx, page);
  if (!run)
    return run.error();
  auto first = claim_page(tx, page, now);
  if (!first)
    return first.error();
  out.repeated = !*first;
  if (out.repeated && redriven_from.empty())
    return {};
  auto decoded = decode_rows(page, decoder, now);
  ActivityStored fact;
  auto recovered = std::size_t{0};
  if (auto why = store_rows(tx, page, decoded, from, fact, out, recovered))
    return why;
  if (!out.repeated)
    if (auto why = move_run(tx, *run, *whose, page, decoded.rows, config, now,
                            fact, out))
      return why;
  if (auto why = move_newest(tx, *whose, decoded.rows, now))
    return why;
  // Names what this does once, in ids that must not be used again.
  auto occasion = std::to_string(page.page_number());
  if (!redriven_from.empty())
    occasion += "/again/" + redriven_from;
  return announce(tx, *whose, page, fact, out, occasion, now);
}

} // namespace stravasync
