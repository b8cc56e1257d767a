#include "adapters/postgres/session.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace stravasync::postgres {

namespace {

using std::chrono::milliseconds;

/// Tries at a transaction that others conflict with. Who lost is alone with the
/// next try, so this many mean that something else is wrong.
constexpr auto tries_max = 20;

/// Tries among others. Whoever has lost more often, or waited in a deadlock
/// until the server looked for one, gets through before any of them begins
/// again: else the one that is faster always went first.
constexpr auto tries_in_race = 2;

// Writers share the lock of a table that hardly anybody writes, unless one has
// to be alone. It is taken in the round trip that begins the transaction and
// ends with it, behind a pooler as well. Versions that ordered their writes by
// serializable transactions instead hold it in a mode that excludes this one.
constexpr auto among_others = "; LOCK TABLE setting IN SHARE MODE";
// Not for ever: a node that hangs may be among the others.
constexpr auto alone = "; SET LOCAL lock_timeout = '2s'"
                       "; LOCK TABLE setting IN SHARE ROW EXCLUSIVE MODE"
                       "; SET LOCAL lock_timeout TO DEFAULT";

// A commit is on disk, whatever the server's default.
constexpr auto on_disk = "; SELECT set_config('synchronous_commit', 'on', true)"
                         " WHERE current_setting('synchronous_commit') = 'off'";

// Each statement sees what was committed before it: writers wait for the locks
// of what they are about first.
constexpr auto write_mode = "ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr auto read_mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

constexpr auto deadlock = "40P01";
constexpr auto waited_too_long = "55P03";

/// Any number that others are unlikely to count their locks from; per database.
constexpr auto first_lock = std::int64_t{0x5374'7261'7661'0000};

/// Takes the locks of what a write is about, the smallest first. They end with
/// the transaction, behind a pooler as well, and need no row.
std::string locks_of(std::span<const std::int64_t> about) {
  auto sorted = std::vector<std::int64_t>(about.begin(), about.end());
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (sorted.empty())
    return {};
  auto list = std::string{};
  for (auto each : sorted)
    list += (list.empty() ? "" : ",") + std::to_string(each ^ first_lock);
  return "; SELECT pg_advisory_xact_lock(l) FROM unnest(ARRAY[" + list
         + "]::bigint[]) AS l";
}

bool is_conflict(const server_failure& why) {
  return why.sqlstate == "40001" || why.sqlstate == deadlock;
}

} // namespace

session::session(target at, std::unique_ptr<server_link> link)
  : state_{std::move(at), std::move(link)},
    transaction_{state_} {
  // nop
}

caf::error
session::write(std::span<const std::int64_t> about, const work_function& work) {
  locks_ = locks_of(about);
  return run(transaction_kind::write, work);
}

caf::error session::read(const work_function& work) {
  return run(transaction_kind::read, work);
}

caf::error session::run(transaction_kind what, const work_function& work) {
  alone_ = false;
  may_be_alone_ = what == transaction_kind::write;
  auto reconnected = false;
  for (auto number = 1;; ++number) {
    auto came_to = verdict::done;
    auto failure = try_once(what, work, came_to);
    switch (came_to) {
      case verdict::done:
      case verdict::unknown:
        return failure;
      case verdict::conflict:
        if (number == tries_max)
          return failure;
        alone_ = may_be_alone_ && (alone_ || number >= tries_in_race);
        if (!alone_)
          pause(number);
        break;
      case verdict::lost:
        if (reconnected)
          return failure;
        reconnected = true;
        if (auto again = reconnect())
          return again;
    }
  }
}

void session::pause(int number) {
  auto most = std::min(1 << number, 100);
  auto time = std::uniform_int_distribution{0, most}(random_);
  std::this_thread::sleep_for(milliseconds{time});
}

void session::begin(transaction_kind what) {
  auto& link = state_.link();
  auto writes = what == transaction_kind::write;
  auto statements = begin_statements(link, state_.at(),
                                     writes ? write_mode : read_mode);
  if (writes)
    statements += (alone_ ? alone : among_others) + locks_;
  if (writes && link.is_pooled())
    statements += on_disk;
  link.run(statements);
}

caf::error session::try_once(transaction_kind what, const work_function& work,
                             verdict& came_to) {
  try {
    begin(what);
  } catch (const server_failure& thrown) {
    roll_back();
    auto failure = fail(thrown, came_to);
    if (alone_ && thrown.sqlstate == waited_too_long) {
      alone_ = may_be_alone_ = false;
      came_to = verdict::conflict;
    }
    return failure;
  }
  state_.begin(what);
  auto failure = caf::error{};
  try {
    failure = work(transaction_);
  } catch (...) {
    // A bug in the work: its own business, but not in an open transaction.
    roll_back();
    throw;
  }
  if (state_.broken()) {
    roll_back();
    auto ours = fail(state_.cause(), came_to);
    return failure && came_to == verdict::done ? failure : ours;
  }
  if (failure) {
    roll_back();
    return failure;
  }
  return commit(came_to);
}

caf::error session::commit(verdict& came_to) {
  try {
    state_.link().run("COMMIT");
    return caf::none;
  } catch (const server_failure& thrown) {
    auto failure = fail(thrown, came_to);
    if (came_to != verdict::lost)
      return failure;
    came_to = verdict::unknown;
    return make_failure(ec::unavailable,
                        detail_of(failure)
                          + "; whether the last write is in it is unknown");
  }
}

caf::error session::fail(const server_failure& why, verdict& came_to) {
  came_to = verdict::done;
  if (why.lost || !state_.link().is_open())
    came_to = verdict::lost;
  else if (is_conflict(why))
    came_to = verdict::conflict;
  alone_ = may_be_alone_ && (alone_ || why.sqlstate == deadlock);
  return failure_of(why, state_.at());
}

void session::roll_back() {
  try {
    state_.link().run("ROLLBACK");
  } catch (const server_failure&) {
    // The connection is lost, and the transaction with it.
  }
}

caf::error session::reconnect() {
  auto link = connect_to(state_.at());
  // It was good before: whoever asks now has made no mistake.
  if (!link)
    return make_failure(ec::unavailable, detail_of(link.error()));
  state_.replace(std::move(*link));
  return caf::none;
}

} // namespace stravasync::postgres
