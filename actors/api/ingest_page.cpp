#include "actors/api/ingest_writer.hpp"
#include "actors/api/records.hpp"
#include "messages/error.hpp"

#include <algorithm>

namespace stravasync {

namespace {

using events::v1::ActivityStored;

constexpr auto not_seen_max = std::uint32_t{100'000};

struct decoded_page {
  std::vector<activity> rows;
  std::vector<std::string> broken; // JSON that is no activity.
};

decoded_page decode_rows(const ingest::v1::ActivitiesPage& page,
                         const strava_decoder& decoder) {
  decoded_page result;
  for (const auto& json : page.activities_json()) {
    auto row = decoder.decode_activity(json);
    if (!row) {
      result.broken.push_back(json);
      continue;
    }
    row->athlete_id = page.athlete_id();
    row->fetched_at_ms = page.fetched_at_ms();
    row->raw = json;
    result.rows.push_back(std::move(*row));
  }
  return result;
}

/// @returns the page's run, made if a schedule started it.
caf::expected<sync_run>
find_run(transaction& tx, const ingest::v1::ActivitiesPage& page) {
  auto found = tx.sync_runs().get({page.run_id()});
  if (!found)
    return found.error();
  if (*found)
    return std::move(**found);
  sync_run run;
  run.id = page.run_id();
  run.athlete_id = page.athlete_id();
  run.mode = page.mode();
  run.state = events::v1::SYNC_STATE_RUNNING;
  run.started_at_ms = page.run_started_at_ms();
  auto created = tx.sync_runs().create(run);
  if (!created)
    return created.error();
  return run;
}

/// @returns whether this is the first time the page is stored.
caf::expected<bool>
claim_page(transaction& tx, const ingest::v1::ActivitiesPage& page,
           unix_ms now) {
  auto number = std::int64_t{page.page_number()};
  auto found = tx.sync_pages().get({page.run_id(), number});
  if (!found)
    return found.error();
  if (*found)
    return false;
  auto created = tx.sync_pages().create({page.run_id(), number, now});
  if (!created)
    return created.error();
  return true;
}

caf::error upsert_rows(transaction& tx, const std::vector<activity>& rows,
                       ActivityStored& fact, page_effect& out) {
  auto results = tx.activities().upsert_many(rows);
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

void advance_run(sync_run& run, const ingest::v1::ActivitiesPage& page,
                 const std::vector<activity>& rows, unix_ms now,
                 page_effect& out) {
  ++run.pages_stored;
  jobs::v1::SyncAthlete known;
  known.ParseFromString(run.next_job);
  if (!page.has_next())
    run.next_job.clear();
  else if (page.next().page_number() > known.page_number())
    run.next_job = page.next().SerializeAsString();
  if (!page.has_next())
    run.pages_total = page.page_number();
  for (const auto& row : rows) {
    run.newest_start_ms = std::max(run.newest_start_ms, row.start_at_ms);
    run.oldest_start_ms = run.oldest_start_ms == 0
                            ? row.start_at_ms
                            : std::min(run.oldest_start_ms, row.start_at_ms);
  }
  run.first_fetched_at_ms = run.first_fetched_at_ms == 0
                              ? page.fetched_at_ms()
                              : std::min<unix_ms>(run.first_fetched_at_ms,
                                                  page.fetched_at_ms());
  run.activities_listed += static_cast<std::int64_t>(rows.size());
  out.complete = run.pages_total > 0 && run.pages_stored >= run.pages_total;
  run.state = out.complete ? events::v1::SYNC_STATE_COMPLETE
                           : events::v1::SYNC_STATE_RUNNING;
  run.finished_at_ms = out.complete ? now : 0;
  run.reason.clear();
  run.resumes_at_ms = 0;
  run.updated_at_ms = now;
}

/// A finished re-list saw everything there is: the rest is gone at Strava.
caf::error
delete_unseen(transaction& tx, sync_run& run, const ingest_config& config,
              ActivityStored& fact, page_effect& out) {
  if (!out.complete || run.mode != jobs::v1::SYNC_MODE_RELIST)
    return {};
  // What was uploaded meanwhile may have come by a node whose clock is behind.
  auto before = run.first_fetched_at_ms - config.clock_skew_max.count();
  auto unseen = tx.queries().not_fetched_since(run.athlete_id, before,
                                               not_seen_max);
  if (!unseen)
    return unseen.error();
  if (unseen->empty())
    return {};
  auto stored = tx.queries().count_activities(run.athlete_id);
  if (!stored)
    return stored.error();
  auto share = static_cast<double>(unseen->size())
               / static_cast<double>(std::max<std::int64_t>(1, *stored));
  if (unseen->size() > 1 && share > config.delete_share_max) {
    out.suspicious = unseen->size();
    run.reason = std::to_string(unseen->size()) + " of "
                 + std::to_string(*stored)
                 + " activities were missing from Strava's list: too many to "
                   "believe, so none was deleted";
    return {};
  }
  // Not the time of storing: what was fetched since then is newer, and storing
  // the pages again, another day or in another order, has to give equal rows.
  auto marked = tx.queries().mark_deleted(*unseen, run.first_fetched_at_ms);
  if (!marked)
    return marked.error();
  out.deleted = unseen->size();
  for (auto id : *unseen)
    fact.add_deleted_ids(id);
  return {};
}

/// What a page that is stored for the first time does to its run.
caf::error
move_run(transaction& tx, sync_run& run, const ingest::v1::ActivitiesPage& page,
         const std::vector<activity>& rows, const ingest_config& config,
         unix_ms now, ActivityStored& fact, page_effect& out) {
  advance_run(run, page, rows, now, out);
  if (auto why = delete_unseen(tx, run, config, fact, out))
    return why;
  return tx.sync_runs().update(run);
}

/// Activities that are no activities are kept apart; the others go on.
caf::error
set_aside(transaction& tx, const ingest::v1::ActivitiesPage& page,
          const std::vector<std::string>& broken, const ingest_config& config,
          const std::string& occasion, unix_ms now) {
  if (broken.empty())
    return {};
  auto part = page;
  part.clear_activities_json();
  part.clear_next();
  for (const auto& json : broken)
    part.add_activities_json(json);
  auto id = "undecodable/" + page.run_id() + "/" + occasion;
  auto letter = make_envelope(part, {.message_id = std::move(id)});
  letter.headers[std::string{header::origin}] = letter.subject;
  letter.headers[std::string{header::reason}]
    = "these activities could not be decoded";
  letter.subject = dead_letter_subject(config.durable);
  return enqueue(tx, letter, now);
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
  auto run = find_run(tx, page);
  if (!run)
    return run.error();
  auto first = claim_page(tx, page, now);
  if (!first)
    return first.error();
  out.repeated = !*first;
  if (out.repeated && redriven_from.empty())
    return {};
  auto decoded = decode_rows(page, decoder);
  out.undecodable = decoded.broken.size();
  ActivityStored fact;
  if (auto why = upsert_rows(tx, decoded.rows, fact, out))
    return why;
  if (!out.repeated)
    if (auto why = move_run(tx, *run, page, decoded.rows, config, now, fact,
                            out))
      return why;
  if (run->newest_start_ms > whose->newest_start_ms) {
    whose->newest_start_ms = run->newest_start_ms;
    if (auto why = tx.athletes().update(*whose))
      return why;
  }
  // Names what this does once, in ids that must not be used again.
  auto occasion = std::to_string(page.page_number());
  if (!redriven_from.empty())
    occasion += "/again/" + redriven_from;
  if (auto why = set_aside(tx, page, decoded.broken, config, occasion, now))
    return why;
  return announce(tx, *whose, page, fact, out, occasion, now);
}

} // namespace stravasync
