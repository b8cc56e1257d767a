#pragma once

#include "actors/ports/store.hpp"
#include "adapters/sql/queries.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stravasync::sql {

/// Adds the absences of one kind. @param since_ms The earliest of them.
inline void add_absences(absence_summary& to, std::int64_t kind,
                         std::int64_t count, unix_ms since_ms) {
  auto earlier = [&] {
    return to.since_ms == 0 ? since_ms : std::min(to.since_ms, since_ms);
  };
  switch (static_cast<absence_kind>(kind)) {
    case absence_kind::unseen:
      to.unseen = count;
      to.since_ms = earlier();
      break;
    case absence_kind::doubted:
      to.doubted = count;
      to.since_ms = earlier();
      break;
    case absence_kind::hidden:
      to.hidden = count;
      break;
  }
}

/// The figures of many athletes: two statements, however many athletes there
/// are.
/// @tparam State, Statement As of `session_queries`.
template <class State, class Statement>
class figures_statements {
public:
  using ids = std::span<const std::int64_t>;

  explicit figures_statements(figures_queries text)
    : newest_runs_{std::move(text.newest_runs)},
      counts_{std::move(text.counts)} {
    // nop
  }

  /// @returns those of each, in the order of `of`.
  [[nodiscard]] std::vector<athlete_figures> read(State& state, ids of) {
    auto result = std::vector<athlete_figures>(of.size());
    auto places = std::unordered_map<std::int64_t, athlete_figures*>{};
    for (auto i = std::size_t{0}; i < of.size(); ++i)
      places[of[i]] = &result[i];
    newest_runs_.for_each_row(
      state,
      [&](const auto& from) {
        auto run = Statement::template read_whole<sync_run>(from);
        auto* place = places.at(run.athlete_id);
        place->newest_run = std::move(run);
      },
      of);
    counts_.for_each_row(
      state,
      [&](const auto& from) { add_count(*places.at(number(from, 0)), from); },
      of);
    return result;
  }

private:
  template <class Row>
  static void add_count(athlete_figures& to, const Row& from) {
    auto count = number(from, 2);
    switch (auto what = number(from, 1)) {
      case counted_activities:
        to.activities = count;
        break;
      case counted_unread:
        to.unread = count;
        break;
      default:
        add_absences(to.absences, what, count, number(from, 3));
    }
  }

  template <class Row>
  static std::int64_t number(const Row& from, int index) {
    auto value = std::int64_t{0};
    Statement::read(from, index, value);
    return value;
  }

  Statement newest_runs_;
  Statement counts_;
};

} // namespace stravasync::sql
