#pragma once

#include "actors/ports/entities.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// @file
/// The database, as one session of it. Calls block, so only a STORE SESSION
/// actor, which has a thread of its own, holds one; one thread at a time.
/// `tests/contracts/` states what every implementation must do. Every call may
/// fail with `ec::unavailable` (the database is gone, locked too long, its disk
/// is full; nothing of the transaction is kept) beside the errors named.

namespace stravasync {

using column_value
  = std::variant<std::monostate, std::int64_t, double, std::string>;

/// `column <relation> value`. Naming a column that does not exist is a bug of
/// the caller's (asserted).
struct condition {
  enum class relation : std::uint8_t {
    equal,
    at_least,
    less_than,
    is_null, // The value is ignored.
  };
  std::string_view column;
  relation is = relation::equal;
  column_value value;
};

/// Whether rows come with the JSON that Strava sent (`raw`, else empty), which
/// is most of a row's bytes. A row without it must not be written back.
enum class raw_json : std::uint8_t { included, left_out };

/// A page of a list in the entity's own order (its description says which:
/// athletes by id, activities newest first, outbox by id).
struct list_query {
  std::vector<condition> where;
  /// Values of the order columns of the last row of the page before; empty:
  /// from the start. Shape: `order_key_of`.
  std::vector<column_value> after;
  std::uint32_t limit = 50;
  raw_json raw = raw_json::included;
};

template <class Entity>
struct list_page {
  std::vector<Entity> items;
  /// Of the last item, to go on after it; empty: there is no more.
  std::vector<column_value> next;
};

/// What `upsert_many` did, in the order of its input.
enum class upsert_result : std::uint8_t {
  created,
  updated,
  unchanged, // Equal, or guarded: the stored row is newer.
};

/// Rows of one kind. Once a call has failed with `unavailable` or because of a
/// missing row, the transaction cannot commit any more. Keys are the primary
/// key's columns in order.
template <class Entity>
class repository {
public:
  virtual ~repository() = default;

  /// Fails with `ec::already_exists`, or `ec::invalid_argument` if a row it
  /// refers to is missing. @returns the row's generated id, else 0.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  create(const Entity& row) = 0;

  /// Writes all columns of the row with the same key. Fails with
  /// `ec::not_found`. A credential is written only if `row.version` is the
  /// stored one plus one; else `ec::conflict`.
  [[nodiscard]] virtual caf::error update(const Entity& row) = 0;

  [[nodiscard]] virtual caf::expected<std::optional<Entity>>
  get(const std::vector<column_value>& key) = 0;

  /// Rows of the keys that exist, in any order. One-column keys only.
  [[nodiscard]] virtual caf::expected<std::vector<Entity>>
  get_many(std::span<const std::int64_t> keys, raw_json raw) = 0;

  [[nodiscard]] virtual caf::expected<list_page<Entity>>
  list(const list_query& query) = 0;

  /// Creates or overwrites each row in one go. An activity is left alone if
  /// the stored one's `fetched_at_ms` or `deleted_at_ms` is greater; an equal
  /// one counts as unchanged but remembers the later `fetched_at_ms` if the
  /// stored one is less than `touch_before_ms`. Fails as `create`.
  [[nodiscard]] virtual caf::expected<std::vector<upsert_result>>
  upsert_many(std::span<const Entity> rows, unix_ms touch_before_ms) = 0;

  /// The same; all that is equal remembers.
  [[nodiscard]] caf::expected<std::vector<upsert_result>>
  upsert_many(std::span<const Entity> rows) {
    return upsert_many(rows, std::numeric_limits<unix_ms>::max());
  }

  /// @returns whether there was such a row. Takes the rows that refer to it.
  [[nodiscard]] virtual caf::expected<bool>
  erase(const std::vector<column_value>& key) = 0;
};

struct sport_total {
  std::string sport_type;
  std::string month; // "2023-09" by local start; empty in totals over all.
  std::int64_t count = 0;
  double distance_m = 0;
  std::int64_t moving_time_s = 0;
  double elevation_gain_m = 0;

  friend bool operator==(const sport_total&, const sport_total&) = default;
};

/// What of an athlete's live activities Strava's list lacks.
struct absence_summary {
  std::int64_t unseen = 0;
  std::int64_t doubted = 0;
  std::int64_t hidden = 0;
  /// The earliest of those unseen or doubted; 0: none.
  unix_ms since_ms = 0;

  friend bool operator==(const absence_summary&, const absence_summary&)
    = default;
};

/// What is said of an athlete beside the athlete's own row.
struct athlete_figures {
  /// The run that started last, if any.
  std::optional<sync_run> newest_run;
  std::int64_t activities = 0; // Without tombstones.
  std::int64_t unread = 0;     // Elements of the list that cannot be read.
  absence_summary absences;

  friend bool operator==(const athlete_figures&, const athlete_figures&)
    = default;
};

/// What was found among activities in the order of their ids.
struct fetched_look {
  bool any = false;         // Whether one was fetched by a clock ahead.
  std::int64_t last_id = 0; // The last one looked at; 0: there are no more.
};

/// Questions that need more than one row, each a named statement.
class store_queries {
public:
  virtual ~store_queries() = default;

  /// Per sport, largest count first; with `by_month` per sport and month,
  /// oldest month first. Tombstones do not count.
  [[nodiscard]] virtual caf::expected<std::vector<sport_total>>
  totals(std::int64_t athlete_id, bool by_month) = 0;

  /// Activities without tombstones.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  count_activities(std::int64_t athlete_id) = 0;

  /// Elements of the athlete's list that cannot be read.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  count_unread(std::int64_t athlete_id) = 0;

  /// Those of each athlete, in the order of the ids, which are different; of
  /// one who does not exist, none. In as many statements for one as for many.
  [[nodiscard]] virtual caf::expected<std::vector<athlete_figures>>
  figures_of(std::span<const std::int64_t> athlete_ids) = 0;

  /// Live activities of the athlete not fetched since `before_ms`: what a
  /// finished re-list did not see. At most `limit` ids.
  [[nodiscard]] virtual caf::expected<std::vector<std::int64_t>>
  not_fetched_since(std::int64_t athlete_id, unix_ms before_ms,
                    std::uint32_t limit)
    = 0;

  /// Sets tombstones. @returns how many there were to set.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  mark_deleted(std::span<const std::int64_t> ids, unix_ms at_ms) = 0;

  [[nodiscard]] virtual caf::expected<absence_summary>
  absences_of(std::int64_t athlete_id) = 0;

  /// Ends the absences of `ids` that did not begin after `seen_at_ms`.
  /// @returns how many there were.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  end_absences(std::span<const std::int64_t> ids, unix_ms seen_at_ms) = 0;

  /// The athlete's run that started last, if any.
  [[nodiscard]] virtual caf::expected<std::optional<sync_run>>
  newest_run(std::int64_t athlete_id) = 0;

  /// Removes runs that ended before that, with their pages, `limit` at most.
  /// Whole histories stay, and of each other mode the athlete's newest run and
  /// newest complete one. About no athlete: nobody changes such old ones.
  /// @returns how many went.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  erase_runs(unix_ms before_ms, std::uint32_t limit) = 0;

  /// Outbox rows not sent yet, oldest first. Costs as much as there are of
  /// them up to the last one answered, those passed over included.
  /// @param except Subjects of streams to pass over, such as "jobs.>"; no more
  /// than there are streams, else it fails with `ec::invalid_argument`.
  [[nodiscard]] virtual caf::expected<std::vector<outbox_message>>
  unsent(std::uint32_t limit, std::span<const std::string_view> except) = 0;

  [[nodiscard]] caf::expected<std::vector<outbox_message>>
  unsent(std::uint32_t limit) {
    return unsent(limit, {});
  }

  /// Leaves out rows that another marks just now.
  /// @param at_ms Negative: the rows are set aside, neither sent nor unsent,
  /// until `take_up_again`.
  [[nodiscard]] virtual caf::error
  mark_sent(std::span<const std::int64_t> ids, unix_ms at_ms)
    = 0;

  /// Gives `holder` the turn to bring outbox rows to the bus, until `until_ms`
  /// or its `leave_turn`. A turn that another has goes on until it is over by
  /// `now_ms`, or is of a clock that is far ahead. Never waits.
  /// @returns whether the turn is `holder`'s.
  [[nodiscard]] virtual caf::expected<bool>
  take_turn(std::string_view holder, unix_ms now_ms, unix_ms until_ms) = 0;

  [[nodiscard]] virtual caf::error leave_turn(std::string_view holder) = 0;

  /// Has rows wait again that were set aside, but for those that another works
  /// on. @returns how many there were.
  [[nodiscard]] virtual caf::expected<std::int64_t> take_up_again() = 0;

  /// Removes rows sent before that, but for those that another works on.
  [[nodiscard]] virtual caf::error purge_sent(unix_ms before_ms) = 0;

  /// The sent row with the highest sequence, of those whose subject matches.
  /// @param subjects Of a stream, such as "jobs.>".
  [[nodiscard]] virtual caf::expected<std::optional<outbox_message>>
  last_sent(std::string_view subjects) = 0;

  /// Makes sent rows wait again. @returns how many there were.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  send_again(std::string_view subjects) = 0;

  /// Brings runs, what was fetched if there are such runs, elements that cannot
  /// be read, absences and sent outbox rows of the future, after `ahead_ms`,
  /// back to `now_ms` at the latest: a clock was ahead when they were written.
  /// Runs keep their order among themselves. About no athlete: each kind is one
  /// statement, and what a write under way puts back is of the future again
  /// until the next time. @returns how many rows there were.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  bring_back(unix_ms now_ms, unix_ms ahead_ms) = 0;

  /// Looks whether an activity was fetched or deleted after `ahead_ms`, in
  /// whatever run, among the `limit` behind `after_id`.
  [[nodiscard]] virtual caf::expected<fetched_look>
  look_for_fetched_after(unix_ms ahead_ms, std::int64_t after_id,
                         std::uint32_t limit)
    = 0;

  /// Brings all of those back to `now_ms`. @returns how many there were.
  [[nodiscard]] virtual caf::expected<std::int64_t>
  bring_fetched_back(unix_ms now_ms, unix_ms ahead_ms) = 0;
};

/// What one transaction may touch. Valid during `transact` only.
class transaction {
public:
  virtual ~transaction() = default;

  virtual repository<athlete>& athletes() = 0;
  virtual repository<credential>& credentials() = 0;
  virtual repository<activity>& activities() = 0;
  virtual repository<absence>& absences() = 0;
  virtual repository<sync_run>& sync_runs() = 0;
  virtual repository<sync_page>& sync_pages() = 0;
  virtual repository<unread_activity>& unread_activities() = 0;
  virtual repository<outbox_message>& outbox() = 0;
  virtual store_queries& queries() = 0;
};

/// What a write is about that looks after the outbox as a whole. Less than any
/// athlete.
inline constexpr auto outbox_upkeep = std::int64_t{-1};

class store_session {
public:
  virtual ~store_session() = default;

  /// Runs `work` in one transaction. Commits, on disk, if it returns no error;
  /// else rolls back and returns its error. May run `work` again after a
  /// conflict: it must have no effect but through `transaction`.
  ///
  /// Of writes about one athlete, one begins when the other has ended, in
  /// whatever process, and finds what that left: what `work` reads of the
  /// athlete is so until it commits. Of all other rows it may see what others
  /// commit between two of its statements. So whatever writes an athlete's
  /// rows (all but the outbox's), or reads them to decide on a write, is about
  /// that athlete, who need not exist.
  /// @param about Ids of athletes, or `outbox_upkeep`, in any order. They are
  /// waited for at the beginning, the smallest first: no two writes wait for
  /// each other.
  [[nodiscard]] virtual caf::error
  write(std::span<const std::int64_t> about,
        const std::function<caf::error(transaction&)>& work)
    = 0;

  /// The same about nothing: of the outbox, or by single statements.
  [[nodiscard]] caf::error
  write(const std::function<caf::error(transaction&)>& work) {
    return write({}, work);
  }

  /// The same for reading: a snapshot, no disk sync. Writes fail.
  [[nodiscard]] virtual caf::error
  read(const std::function<caf::error(transaction&)>& work)
    = 0;
};

/// Opens a session on the one database the process uses; callable from any
/// thread, each session is independent. A STORE SESSION calls it at start, so
/// it fails with `ec::unavailable` when the database is down.
using store_opener
  = std::function<caf::expected<std::unique_ptr<store_session>>()>;

} // namespace stravasync
