#pragma once

#include "actors/ports/entities.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/session_state.hpp"

#include <cstdint>
#include <string>

namespace stravasync::sqlite {

/// What is to be done about rows that were created: of most entities, nothing.
/// Private to the adapter. `finish` comes before one of them is changed and
/// before whoever created them returns; it throws what SQLite throws.
template <class Entity>
class created_rows {
public:
  void begin() {
    // nop
  }

  void add(const Entity&) {
    // nop
  }

  void finish(session_state&) {
    // nop
  }
};

/// Adds the activities to the athlete's totals, all of them with one statement;
/// triggers see to later changes.
template <>
class created_rows<activity> {
public:
  /// Forgets those of a transaction that was undone.
  void begin() {
    ids_.clear();
  }

  void add(const activity& row) {
    ids_ += (ids_.empty() ? "[" : ",") + std::to_string(row.id);
  }

  void finish(session_state& session) {
    if (ids_.empty())
      return;
    auto& count = count_.in(session);
    auto done = scoped_reset{count};
    count.bind(1, ids_ + "]");
    ids_.clear();
    count.exec();
  }

private:
  std::string ids_; // JSON, but for its end.
  lazy_statement count_{
    "INSERT INTO activity_total SELECT athlete_id, month, sport_type, "
    "count(*), sum(distance_mm), sum(moving_time_s), sum(elevation_gain_mm) "
    "FROM activity_share WHERE id IN (SELECT value FROM json_each(?1)) "
    "GROUP BY 1, 2, 3 ON CONFLICT DO UPDATE SET "
    "activities = activities + excluded.activities, "
    "distance_mm = distance_mm + excluded.distance_mm, "
    "moving_time_s = moving_time_s + excluded.moving_time_s, "
    "elevation_gain_mm = elevation_gain_mm + excluded.elevation_gain_mm"};
};

} // namespace stravasync::sqlite
