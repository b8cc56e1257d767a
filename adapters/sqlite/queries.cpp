#include "adapters/sqlite/queries.hpp"

#include "adapters/sql/entities.hpp"
#include "adapters/sqlite/dialect.hpp"
#include "adapters/sqlite/rows.hpp"

namespace stravasync::sqlite {

named_queries::named_queries(session_state& session)
  : named_queries{session, sql::make_queries(dialect)} {
  // nop
}

named_queries::named_queries(session_state& session, sql::named_queries text)
  : session_{session},
    totals_{std::move(text.totals)},
    totals_by_month_{std::move(text.totals_by_month)},
    count_activities_{std::move(text.count_activities)},
    not_fetched_since_{std::move(text.not_fetched_since)},
    mark_deleted_{std::move(text.mark_deleted)},
    newest_run_{std::move(text.newest_run)},
    unsent_{std::move(text.unsent)},
    mark_sent_{std::move(text.mark_sent)},
    purge_sent_{std::move(text.purge_sent)} {
  // nop
}

caf::expected<std::vector<sport_total>>
named_queries::totals(std::int64_t athlete_id, bool by_month) {
  using result = caf::expected<std::vector<sport_total>>;
  return session_.query([&]() -> result {
    auto& select = (by_month ? totals_by_month_ : totals_).in(session_);
    auto done = scoped_reset{select};
    select.bind(1, athlete_id);
    auto rows = std::vector<sport_total>{};
    while (select.executeStep()) {
      auto& row = rows.emplace_back();
      read_member(select, 0, row.sport_type);
      read_member(select, 1, row.month);
      read_member(select, 2, row.count);
      read_member(select, 3, row.distance_m);
      read_member(select, 4, row.moving_time_s);
      read_member(select, 5, row.elevation_gain_m);
    }
    return rows;
  });
}

caf::expected<std::int64_t>
named_queries::count_activities(std::int64_t athlete_id) {
  using result = caf::expected<std::int64_t>;
  return session_.query([&]() -> result {
    auto& select = count_activities_.in(session_);
    auto done = scoped_reset{select};
    select.bind(1, athlete_id);
    select.executeStep();
    return select.getColumn(0).getInt64();
  });
}

caf::expected<std::vector<std::int64_t>>
named_queries::not_fetched_since(std::int64_t athlete_id, unix_ms before_ms,
                                 std::uint32_t limit) {
  using result = caf::expected<std::vector<std::int64_t>>;
  return session_.query([&]() -> result {
    auto& select = not_fetched_since_.in(session_);
    auto done = scoped_reset{select};
    select.bind(1, athlete_id);
    select.bind(2, before_ms);
    select.bind(3, std::int64_t{limit});
    auto ids = std::vector<std::int64_t>{};
    while (select.executeStep())
      ids.push_back(select.getColumn(0).getInt64());
    return ids;
  });
}

caf::expected<std::int64_t>
named_queries::mark_deleted(std::span<const std::int64_t> ids, unix_ms at_ms) {
  using result = caf::expected<std::int64_t>;
  return session_.change(
    [&]() -> result { return mark(mark_deleted_, ids, at_ms); });
}

caf::expected<std::optional<sync_run>>
named_queries::newest_run(std::int64_t athlete_id) {
  using result = caf::expected<std::optional<sync_run>>;
  return session_.query([&]() -> result {
    auto& select = newest_run_.in(session_);
    auto done = scoped_reset{select};
    select.bind(1, athlete_id);
    if (!select.executeStep())
      return std::optional<sync_run>{};
    return std::optional{read_row<sync_run>(select)};
  });
}

caf::expected<std::vector<outbox_message>>
named_queries::unsent(std::uint32_t limit) {
  using result = caf::expected<std::vector<outbox_message>>;
  return session_.query([&]() -> result {
    auto& select = unsent_.in(session_);
    auto done = scoped_reset{select};
    select.bind(1, std::int64_t{limit});
    auto rows = std::vector<outbox_message>{};
    while (select.executeStep())
      rows.push_back(read_row<outbox_message>(select));
    return rows;
  });
}

caf::error named_queries::mark_sent(std::span<const std::int64_t> ids,
                                    unix_ms at_ms, unix_ms purge_before_ms) {
  return session_.change([&]() -> caf::error {
    mark(mark_sent_, ids, at_ms);
    auto& purge = purge_sent_.in(session_);
    auto done = scoped_reset{purge};
    purge.bind(1, purge_before_ms);
    purge.exec();
    return caf::none;
  });
}

std::int64_t
named_queries::mark(lazy_statement& with, std::span<const std::int64_t> ids,
                    unix_ms at_ms) {
  auto& update = with.in(session_);
  auto hits = std::int64_t{0};
  for (auto id : ids) {
    auto done = scoped_reset{update};
    update.bind(1, id);
    update.bind(2, at_ms);
    hits += update.exec();
  }
  return hits;
}

} // namespace stravasync::sqlite
