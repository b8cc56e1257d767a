#pragma once

#include "actors/ports/store.hpp"
#include "adapters/postgres/session_state.hpp"
#include "adapters/sql/queries.hpp"

namespace stravasync::postgres {

/// The named statements on PostgreSQL. Private to the adapter.
class named_queries final : public store_queries {
public:
  explicit named_queries(session_state& session);

  caf::expected<std::vector<sport_total>>
  totals(std::int64_t athlete_id, bool by_month) override;

  caf::expected<std::int64_t>
  count_activities(std::int64_t athlete_id) override;

  caf::expected<std::vector<std::int64_t>>
  not_fetched_since(std::int64_t athlete_id, unix_ms before_ms,
                    std::uint32_t limit) override;

  caf::expected<std::int64_t>
  mark_deleted(std::span<const std::int64_t> ids, unix_ms at_ms) override;

  caf::expected<std::optional<sync_run>>
  newest_run(std::int64_t athlete_id) override;

  caf::expected<std::vector<outbox_message>>
  unsent(std::uint32_t limit) override;

  caf::error mark_sent(std::span<const std::int64_t> ids, unix_ms at_ms,
                       unix_ms purge_before_ms) override;

private:
  named_queries(session_state& session, sql::named_queries text);

  session_state& session_;
  lazy_statement totals_;
  lazy_statement totals_by_month_;
  lazy_statement count_activities_;
  lazy_statement not_fetched_since_;
  lazy_statement mark_deleted_;
  lazy_statement newest_run_;
  lazy_statement unsent_;
  lazy_statement mark_sent_;
  lazy_statement purge_sent_;
};

} // namespace stravasync::postgres
