#include "actors/api/unread_activities.hpp"

#include "actors/api/records.hpp"
#include "actors/api/start_times.hpp"
#include "actors/paging.hpp"
#include "messages/contracts.hpp"
#include "messages/redriven.hpp"

#include <algorithm>
#include <bit>
#include <unordered_set>
#include <utility>

namespace stravasync {

namespace {

constexpr auto rows_at_once = std::uint32_t{1'000};

/// All that is remembered of an athlete.
caf::expected<std::vector<unread_activity>>
find_unread(transaction& tx, std::int64_t athlete_id) {
  std::vector<unread_activity> result;
  auto query = list_query{
    .where = {{"athlete_id", condition::relation::equal, athlete_id}},
    .limit = rows_at_once};
  do {
    auto page = tx.unread_activities().list(query);
    if (!page)
      return page.error();
    std::ranges::move(page->items, std::back_inserter(result));
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return result;
}

/// The page with this element alone, as a dead letter.
envelope letter_of(const ingest::v1::ActivitiesPage& page,
                   const broken_element& element, const unread_origin& from) {
  auto part = page;
  part.clear_activities_json();
  part.clear_next();
  part.set_part(true);
  part.add_activities_json(element.json);
  auto id = "unread/" + page.run_id() + "/" + std::to_string(page.page_number())
            + "/" + std::to_string(element.digest);
  if (!from.redriven_from.empty())
    id += "/again/" + from.redriven_from;
  auto letter = make_envelope(part, {.message_id = std::move(id)});
  auto put = [&](std::string_view name, std::string value) {
    letter.headers.insert_or_assign(std::string{name}, std::move(value));
  };
  put(header::origin, letter.subject);
  put(header::reason, element.reason);
  put(header::attempts, "1");
  put(header::original_stored, std::to_string(page.fetched_at_ms()));
  letter.subject = dead_letter_subject(from.durable);
  return letter;
}

/// Writes the row. @returns whether the element has no letter.
caf::expected<bool> remember(transaction& tx, unread_activity row,
                             const unread_origin& from, bool is_part) {
  auto found = tx.unread_activities().get({row.athlete_id, row.digest});
  if (!found)
    return found.error();
  if (!*found) {
    row.redriven_from = is_part ? from.redriven_from : std::string{};
    auto created = tx.unread_activities().create(row);
    return created ? caf::expected<bool>{true} : created.error();
  }
  auto again = is_part && !from.redriven_from.empty()
               && (*found)->redriven_from != from.redriven_from;
  row.listed_at_ms = std::max(row.listed_at_ms, (*found)->listed_at_ms);
  row.redriven_from = again ? from.redriven_from : (*found)->redriven_from;
  if (auto why = tx.unread_activities().update(row))
    return why;
  return again;
}

} // namespace

std::int64_t digest_of(const std::string& json, std::size_t before) {
  auto bytes = before == 0 ? json : json + "\n" + std::to_string(before);
  return std::bit_cast<std::int64_t>(element_digest(bytes));
}

caf::error set_aside(transaction& tx, const ingest::v1::ActivitiesPage& page,
                     const std::vector<broken_element>& broken,
                     const unread_origin& from, std::size_t& letters) {
  // One of the future would be listed for ever.
  auto listed_at = std::min<unix_ms>(page.fetched_at_ms(),
                                     from.now + clocks_apart_max_ms);
  for (const auto& element : broken) {
    auto row = unread_activity{.athlete_id = page.athlete_id(),
                               .digest = element.digest,
                               .activity_id = element.activity_id,
                               .listed_at_ms = listed_at};
    auto is_new = remember(tx, std::move(row), from, page.part());
    if (!is_new)
      return is_new.error();
    if (!*is_new)
      continue;
    if (auto why = enqueue(tx, letter_of(page, element, from), from.now))
      return why;
    ++letters;
  }
  return {};
}

caf::error
forget_readable(transaction& tx, std::int64_t athlete_id,
                const std::vector<activity>& rows, std::size_t& recovered) {
  auto unread = find_unread(tx, athlete_id);
  if (!unread)
    return unread.error();
  if (unread->empty())
    return {};
  // Made only for the few athletes who have any: each reads a whole element.
  std::unordered_set<std::int64_t> ids;
  std::unordered_set<std::int64_t> digests;
  for (const auto& row : rows) {
    ids.insert(row.id);
    digests.insert(digest_of(row.raw, 0));
  }
  for (const auto& one : *unread) {
    auto same_bytes = digests.contains(one.digest);
    if (!same_bytes && (one.activity_id == 0 || !ids.contains(one.activity_id)))
      continue;
    auto gone = tx.unread_activities().erase({athlete_id, one.digest});
    if (!gone)
      return gone.error();
    ++recovered;
  }
  return {};
}

caf::error
spare_unread(transaction& tx, std::int64_t athlete_id, unix_ms before_ms,
             std::vector<std::int64_t>& unseen, std::size_t& unknown) {
  auto unread = find_unread(tx, athlete_id);
  if (!unread)
    return unread.error();
  for (const auto& one : *unread) {
    if (one.listed_at_ms >= before_ms) {
      unknown += one.activity_id == 0 ? 1 : 0;
      std::erase(unseen, one.activity_id);
      continue;
    }
    auto gone = tx.unread_activities().erase({athlete_id, one.digest});
    if (!gone)
      return gone.error();
  }
  return {};
}

} // namespace stravasync
