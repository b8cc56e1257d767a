#pragma once

#include "adapters/sql/statements.hpp"

#include <string>

namespace stravasync::sql {

inline constexpr auto counted_activities = -1;
inline constexpr auto counted_unread = -2;

/// The statements behind `store_queries::figures_of`, of the athletes in the
/// list #1.
struct figures_queries {
  /// All columns of the newest sync_run of each.
  std::string newest_runs;
  /// athlete_id, what is counted, count and, of absences, earliest since_ms:
  /// `counted_activities`, `counted_unread`, or a kind of absence.
  std::string counts;
};

/// The statements about what waits to be sent, and about whose turn it is to
/// send it.
struct outbox_queries {
  /// All columns of outbox, at most #1, subject like none of #2 to #5.
  std::string unsent;
  /// Outbox row #1 (or those of a list) at #2.
  std::string mark_sent;
  /// The turn for holder #1, at #2, until #3.
  std::string take_turn;
  /// The turn of holder #1.
  std::string leave_turn;
  /// Outbox rows that were set aside.
  std::string take_up_again;
  /// Outbox rows sent before #1.
  std::string purge_sent;
  /// All columns of the outbox row with the highest sequence, subject like #1.
  std::string last_sent;
  /// Sent outbox rows, subject like #1.
  std::string send_again;
};

/// The statements about what a clock that was ahead has written.
struct clock_queries {
  /// sync_runs that started after #2 to #1 at the latest.
  std::string bring_runs_back;
  /// How many activities were fetched or deleted after #1, and the last id, of
  /// at most #3 behind #2.
  std::string look_for_fetched_after;
  /// Activities fetched or deleted after #2 to #1. Looks at all of them.
  std::string bring_fetched_back;
  /// Unreadable elements listed after #2 to #1.
  std::string bring_listed_back;
  /// Absences since after #2 to #1.
  std::string bring_absences_back;
  /// Outbox rows sent after #2 to #1.
  std::string bring_sent_back;
};

/// The statements behind `store_queries`, by the name of the question.
struct named_queries {
  /// sport_type, month, count, distance_m, moving_time_s, elevation_gain_m of
  /// athlete #1.
  std::string totals;
  std::string totals_by_month;
  /// Of athlete #1.
  std::string count_activities;
  std::string count_unread;
  figures_queries figures;
  /// Ids of athlete #1 not fetched since #2, at most #3.
  std::string not_fetched_since;
  /// Activity #1 (or those of a list) at #2.
  std::string mark_deleted;
  /// kind, count and earliest since_ms of the absences of athlete #1.
  std::string absences_of;
  /// Absence of activity #1 (or those of a list), begun by #2.
  std::string end_absences;
  /// All columns of the newest sync_run of athlete #1.
  std::string newest_run;
  /// sync_runs that ended before #1, at most #2, with a later one that tells
  /// more; whole histories aside.
  std::string erase_runs;
  outbox_queries outbox;
  clock_queries clocks;
};

[[nodiscard]] named_queries make_queries(const dialect& with);

} // namespace stravasync::sql
