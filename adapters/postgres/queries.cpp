#include "adapters/postgres/queries.hpp"

#include "adapters/postgres/dialect.hpp"
#include "adapters/postgres/rows.hpp"
#include "adapters/sql/entities.hpp"

namespace stravasync::postgres {

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
    auto& select = by_month ? totals_by_month_ : totals_;
    auto rows = std::vector<sport_total>{};
    for (const auto& from : select.run(session_, {encode(athlete_id)})) {
      auto& row = rows.emplace_back();
      read_field(from, 0, row.sport_type);
      read_field(from, 1, row.month);
      read_field(from, 2, row.count);
      read_field(from, 3, row.distance_m);
      read_field(from, 4, row.moving_time_s);
      read_field(from, 5, row.elevation_gain_m);
    }
    return rows;
  });
}

caf::expected<std::int64_t>
named_queries::count_activities(std::int64_t athlete_id) {
  using result = caf::expected<std::int64_t>;
  return session_.query([&]() -> result {
    auto count = std::int64_t{0};
    auto rows = count_activities_.run(session_, {encode(athlete_id)});
    read_field(rows[0], 0, count);
    return count;
  });
}

caf::expected<std::vector<std::int64_t>>
named_queries::not_fetched_since(std::int64_t athlete_id, unix_ms before_ms,
                                 std::uint32_t limit) {
  using result = caf::expected<std::vector<std::int64_t>>;
  return session_.query([&]() -> result {
    auto rows = not_fetched_since_.run(
      session_,
      {encode(athlete_id), encode(before_ms), encode(std::int64_t{limit})});
    auto ids = std::vector<std::int64_t>{};
    for (const auto& row : rows)
      read_field(row, 0, ids.emplace_back());
    return ids;
  });
}

caf::expected<std::int64_t>
named_queries::mark_deleted(std::span<const std::int64_t> ids, unix_ms at_ms) {
  using result = caf::expected<std::int64_t>;
  return session_.change([&]() -> result {
    auto done = mark_deleted_.run(session_, {encode(ids), encode(at_ms)});
    return static_cast<std::int64_t>(done.affected_rows());
  });
}

caf::expected<std::optional<sync_run>>
named_queries::newest_run(std::int64_t athlete_id) {
  using result = caf::expected<std::optional<sync_run>>;
  return session_.query([&]() -> result {
    auto rows = newest_run_.run(session_, {encode(athlete_id)});
    if (rows.empty())
      return std::optional<sync_run>{};
    return std::optional{read_row<sync_run>(rows[0])};
  });
}

caf::expected<std::vector<outbox_message>>
named_queries::unsent(std::uint32_t limit) {
  using result = caf::expected<std::vector<outbox_message>>;
  return session_.query([&]() -> result {
    auto rows = unsent_.run(session_, {encode(std::int64_t{limit})});
    return read_rows<outbox_message>(rows);
  });
}

caf::error named_queries::mark_sent(std::span<const std::int64_t> ids,
                                    unix_ms at_ms, unix_ms purge_before_ms) {
  return session_.change([&]() -> caf::error {
    mark_sent_.run(session_, {encode(ids), encode(at_ms)});
    purge_sent_.run(session_, {encode(purge_before_ms)});
    return caf::none;
  });
}

} // namespace stravasync::postgres
