#include "tests/support/store_rows.hpp"

#include "adapters/sqlite/sqlite_store.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <tuple>

namespace test {

using namespace stravasync;

namespace {

template <class Entity>
caf::error read_all(repository<Entity>& from, std::vector<Entity>& into) {
  list_query query{.limit = 200};
  do {
    auto page = from.list(query);
    if (!page)
      return page.error();
    std::ranges::move(page->items, std::back_inserter(into));
    query.after = page->next;
  } while (!query.after.empty());
  return {};
}

caf::error read_totals(transaction& tx, store_rows& into) {
  for (const auto& who : into.athletes) {
    auto totals = tx.queries().totals(who.id, true);
    if (!totals)
      return totals.error();
    // Databases order text each in its own way.
    std::ranges::sort(*totals, {}, [](const sport_total& one) {
      return std::tie(one.month, one.sport_type);
    });
    std::ranges::move(*totals, std::back_inserter(into.totals));
  }
  return {};
}

} // namespace

store_rows read_rows(store_session& from) {
  store_rows result;
  auto why = from.read([&](transaction& tx) -> caf::error {
    std::vector<outbox_message> outbox;
    if (auto failed = read_all(tx.outbox(), outbox))
      return failed;
    result.outbox = outbox.size();
    if (auto failed = read_all(tx.athletes(), result.athletes))
      return failed;
    if (auto failed = read_all(tx.activities(), result.activities))
      return failed;
    if (auto failed = read_all(tx.absences(), result.absences))
      return failed;
    if (auto failed = read_all(tx.sync_runs(), result.runs))
      return failed;
    return read_totals(tx, result);
  });
  if (why)
    throw std::runtime_error{detail_of(why)};
  std::ranges::sort(result.runs, {}, &sync_run::id);
  for (auto& run : result.runs)
    run.updated_at_ms = run.finished_at_ms = 0;
  return result;
}

store_rows read_rows(const std::string& path) {
  auto session = sqlite::open_session({.path = path});
  if (!session)
    throw std::runtime_error{detail_of(session.error())};
  return read_rows(**session);
}

} // namespace test
