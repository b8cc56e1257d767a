#pragma once

#include "actors/ports/store.hpp"
#include "adapters/sql/figures.hpp"
#include "adapters/sql/queries.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stravasync::sql {

/// The named queries of a session.
/// @tparam State What repositories and queries of a session share: runs work
/// with `query(work)` and `change(work)`, which turn what the library throws
/// into an error.
/// @tparam Statement Made from its text, prepared when it is first used. With
/// parameters from #1 on: `for_each_row(state, each, values...)` calls `each`
/// with what `read(row, index, member)` and `read_whole<Entity>(row)` take;
/// `change(state, values...)` returns how many rows it hit; so does
/// `change_each(state, ids, value)`, with each id as #1 and `value` as #2. A
/// span of ids as a value is a list.
template <class State, class Statement>
class session_queries : public store_queries {
public:
  session_queries(State& state, named_queries text)
    : state_{state},
      totals_{std::move(text.totals)},
      totals_by_month_{std::move(text.totals_by_month)},
      count_activities_{std::move(text.count_activities)},
      count_unread_{std::move(text.count_unread)},
      figures_{std::move(text.figures)},
      not_fetched_since_{std::move(text.not_fetched_since)},
      mark_deleted_{std::move(text.mark_deleted)},
      absences_of_{std::move(text.absences_of)},
      end_absences_{std::move(text.end_absences)},
      newest_run_{std::move(text.newest_run)},
      erase_runs_{std::move(text.erase_runs)},
      unsent_{std::move(text.outbox.unsent)},
      mark_sent_{std::move(text.outbox.mark_sent)},
      take_turn_{std::move(text.outbox.take_turn)},
      leave_turn_{std::move(text.outbox.leave_turn)},
      take_up_again_{std::move(text.outbox.take_up_again)},
      purge_sent_{std::move(text.outbox.purge_sent)},
      last_sent_{std::move(text.outbox.last_sent)},
      send_again_{std::move(text.outbox.send_again)},
      bring_runs_back_{std::move(text.clocks.bring_runs_back)},
      look_for_fetched_after_{std::move(text.clocks.look_for_fetched_after)},
      bring_fetched_back_{std::move(text.clocks.bring_fetched_back)},
      bring_listed_back_{std::move(text.clocks.bring_listed_back)},
      bring_absences_back_{std::move(text.clocks.bring_absences_back)},
      bring_sent_back_{std::move(text.clocks.bring_sent_back)} {
    // nop
  }

  caf::expected<std::vector<sport_total>>
  totals(std::int64_t athlete_id, bool by_month) final {
    auto read = [](const auto& from) {
      auto row = sport_total{};
      Statement::read(from, 0, row.sport_type);
      Statement::read(from, 1, row.month);
      Statement::read(from, 2, row.count);
      Statement::read(from, 3, row.distance_m);
      Statement::read(from, 4, row.moving_time_s);
      Statement::read(from, 5, row.elevation_gain_m);
      return row;
    };
    return select<sport_total>(by_month ? totals_by_month_ : totals_, read,
                               athlete_id);
  }

  caf::expected<std::int64_t> count_activities(std::int64_t athlete_id) final {
    return count(count_activities_, athlete_id);
  }

  caf::expected<std::int64_t> count_unread(std::int64_t athlete_id) final {
    return count(count_unread_, athlete_id);
  }

  caf::expected<std::vector<athlete_figures>>
  figures_of(std::span<const std::int64_t> athlete_ids) final {
    using result = caf::expected<std::vector<athlete_figures>>;
    return state_.query(
      [&]() -> result { return figures_.read(state_, athlete_ids); });
  }

  caf::expected<std::vector<std::int64_t>>
  not_fetched_since(std::int64_t athlete_id, unix_ms before_ms,
                    std::uint32_t limit) final {
    return select<std::int64_t>(not_fetched_since_, number, athlete_id,
                                before_ms, std::int64_t{limit});
  }

  caf::expected<std::int64_t>
  mark_deleted(std::span<const std::int64_t> ids, unix_ms at_ms) final {
    using result = caf::expected<std::int64_t>;
    return state_.change([&]() -> result {
      return mark_deleted_.change_each(state_, ids, at_ms);
    });
  }

  caf::expected<absence_summary> absences_of(std::int64_t athlete_id) final {
    auto rows = select<absence_group>(absences_of_, group, athlete_id);
    if (!rows)
      return rows.error();
    auto result = absence_summary{};
    for (const auto& [kind, count, since_ms] : *rows)
      add_absences(result, kind, count, since_ms);
    return result;
  }

  caf::expected<std::int64_t>
  end_absences(std::span<const std::int64_t> ids, unix_ms seen_at_ms) final {
    using result = caf::expected<std::int64_t>;
    return state_.change([&]() -> result {
      return end_absences_.change_each(state_, ids, seen_at_ms);
    });
  }

  caf::expected<std::optional<sync_run>>
  newest_run(std::int64_t athlete_id) final {
    return first<sync_run>(newest_run_, athlete_id);
  }

  caf::expected<std::int64_t>
  erase_runs(unix_ms before_ms, std::uint32_t limit) final {
    return changed(erase_runs_, before_ms, std::int64_t{limit});
  }

  using store_queries::unsent;

  caf::expected<std::vector<outbox_message>>
  unsent(std::uint32_t limit, std::span<const std::string_view> except) final {
    std::array<std::string, 4> none_like;
    if (except.size() > none_like.size())
      return make_failure(ec::invalid_argument, "except: too many subjects");
    std::ranges::transform(except, none_like.begin(), like);
    return select<outbox_message>(unsent_, whole<outbox_message>,
                                  std::int64_t{limit}, none_like[0],
                                  none_like[1], none_like[2], none_like[3]);
  }

  caf::error mark_sent(std::span<const std::int64_t> ids, unix_ms at_ms) final {
    return state_.change([&]() -> caf::error {
      mark_sent_.change_each(state_, ids, at_ms);
      return caf::none;
    });
  }

  caf::expected<bool>
  take_turn(std::string_view holder, unix_ms now_ms, unix_ms until_ms) final {
    auto taken = changed(take_turn_, std::string{holder}, now_ms, until_ms);
    return taken ? caf::expected<bool>{*taken > 0} : taken.error();
  }

  caf::error leave_turn(std::string_view holder) final {
    auto left = changed(leave_turn_, std::string{holder});
    return left ? caf::error{} : left.error();
  }

  caf::expected<std::int64_t> take_up_again() final {
    return changed(take_up_again_);
  }

  caf::error purge_sent(unix_ms before_ms) final {
    auto purged = changed(purge_sent_, before_ms);
    return purged ? caf::error{} : purged.error();
  }

  caf::expected<std::optional<outbox_message>>
  last_sent(std::string_view subjects) final {
    return first<outbox_message>(last_sent_, like(subjects));
  }

  caf::expected<std::int64_t> send_again(std::string_view subjects) final {
    return changed(send_again_, like(subjects));
  }

  caf::expected<std::int64_t>
  bring_back(unix_ms now_ms, unix_ms ahead_ms) final {
    auto hit = std::int64_t{0};
    auto failed = state_.change([&]() -> caf::error {
      hit = bring_runs_back_.change(state_, now_ms, ahead_ms);
      if (hit > 0) // Most of what is of the future was fetched by those.
        hit += bring_fetched_back_.change(state_, now_ms, ahead_ms);
      for (auto* each :
           {&bring_listed_back_, &bring_absences_back_, &bring_sent_back_})
        hit += each->change(state_, now_ms, ahead_ms);
      return caf::none;
    });
    if (failed)
      return failed;
    return hit;
  }

  caf::expected<fetched_look>
  look_for_fetched_after(unix_ms ahead_ms, std::int64_t after_id,
                         std::uint32_t limit) final {
    auto read = [](const auto& from) {
      auto found = std::int64_t{0};
      auto look = fetched_look{};
      Statement::read(from, 0, found);
      Statement::read(from, 1, look.last_id);
      look.any = found > 0;
      return look;
    };
    auto rows = select<fetched_look>(look_for_fetched_after_, read, ahead_ms,
                                     after_id, std::int64_t{limit});
    if (!rows)
      return rows.error();
    return rows->empty() ? fetched_look{} : rows->front();
  }

  caf::expected<std::int64_t>
  bring_fetched_back(unix_ms now_ms, unix_ms ahead_ms) final {
    return changed(bring_fetched_back_, now_ms, ahead_ms);
  }

private:
  struct absence_group {
    std::int64_t kind = 0;
    std::int64_t count = 0;
    unix_ms since_ms = 0;
  };

  static constexpr auto group = [](const auto& from) {
    auto row = absence_group{};
    Statement::read(from, 0, row.kind);
    Statement::read(from, 1, row.count);
    Statement::read(from, 2, row.since_ms);
    return row;
  };

  /// Subjects have neither of LIKE's wildcards in their first token.
  static std::string like(std::string_view subjects) {
    auto result = std::string{subjects};
    std::ranges::replace(result, '>', '%');
    return result;
  }

  static constexpr auto number = [](const auto& from) {
    auto value = std::int64_t{0};
    Statement::read(from, 0, value);
    return value;
  };

  template <class Entity>
  static constexpr auto whole = [](const auto& from) {
    return Statement::template read_whole<Entity>(from);
  };

  template <class... Values>
  caf::expected<std::int64_t>
  changed(Statement& with, const Values&... values) {
    return state_.change([&]() -> caf::expected<std::int64_t> {
      return with.change(state_, values...);
    });
  }

  caf::expected<std::int64_t> count(Statement& with, std::int64_t value) {
    auto rows = select<std::int64_t>(with, number, value);
    return rows ? caf::expected<std::int64_t>{rows->front()} : rows.error();
  }

  template <class Entity, class Value>
  caf::expected<std::optional<Entity>>
  first(Statement& with, const Value& value) {
    auto rows = select<Entity>(with, whole<Entity>, value);
    if (!rows)
      return rows.error();
    if (rows->empty())
      return std::optional<Entity>{};
    return std::optional{std::move(rows->front())};
  }

  template <class Row, class Read, class... Values>
  caf::expected<std::vector<Row>>
  select(Statement& with, Read read, const Values&... values) {
    using result = caf::expected<std::vector<Row>>;
    return state_.query([&]() -> result {
      auto rows = std::vector<Row>{};
      with.for_each_row(
        state_, [&](const auto& from) { rows.push_back(read(from)); },
        values...);
      return rows;
    });
  }

  State& state_;
  Statement totals_;
  Statement totals_by_month_;
  Statement count_activities_;
  Statement count_unread_;
  figures_statements<State, Statement> figures_;
  Statement not_fetched_since_;
  Statement mark_deleted_;
  Statement absences_of_;
  Statement end_absences_;
  Statement newest_run_;
  Statement erase_runs_;
  Statement unsent_;
  Statement mark_sent_;
  Statement take_turn_;
  Statement leave_turn_;
  Statement take_up_again_;
  Statement purge_sent_;
  Statement last_sent_;
  Statement send_again_;
  Statement bring_runs_back_;
  Statement look_for_fetched_after_;
  Statement bring_fetched_back_;
  Statement bring_listed_back_;
  Statement bring_absences_back_;
  Statement bring_sent_back_;
};

} // namespace stravasync::sql
