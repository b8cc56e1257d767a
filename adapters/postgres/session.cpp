#include "adapters/postgres/session.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace stravasync::postgres {

namespace {

using std::chrono::milliseconds;

/// Tries at a transaction that others conflict with. One of those in conflict
/// always gets through, so this many mean that something else is wrong.
constexpr auto tries_max = 20;

/// From this try on, those who lost stand in line instead of racing again.
constexpr auto tries_in_race = 3;

constexpr auto join_line = "SELECT pg_advisory_lock(7238741504)";
constexpr auto leave_line = "SELECT pg_advisory_unlock(7238741504)";

// The same line where a lock cannot outlive a transaction: the lock of a table
// that nobody else waits for, taken before the transaction's snapshot.
constexpr auto stand_in_line
  = "; LOCK TABLE setting IN SHARE UPDATE EXCLUSIVE MODE";

// A commit is on disk, whatever the server's default.
constexpr auto on_disk = "; SELECT set_config('synchronous_commit', 'on', true)"
                         " WHERE current_setting('synchronous_commit') = 'off'";

constexpr auto write_mode = "ISOLATION LEVEL SERIALIZABLE READ WRITE";
constexpr auto read_mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

bool is_conflict(const server_failure& why) {
  return why.sqlstate == "40001" || why.sqlstate == "40P01";
}

/// Stands in the line of those who lost, until the end of the scope.
class scoped_line {
public:
  scoped_line() = default;
  scoped_line(const scoped_line&) = delete;
  scoped_line& operator=(const scoped_line&) = delete;

  ~scoped_line() {
    if (link_ == nullptr)
      return;
    try {
      link_->run(leave_line);
    } catch (const server_failure&) {
      // A lost connection leaves the line by itself.
    }
  }

  /// Best effort: who waits too long goes on without. Not in a transaction,
  /// whose snapshot would be from before the wait.
  void join(server_link& link) {
    if (link_ != nullptr)
      return;
    try {
      link.run(join_line);
      link_ = &link;
    } catch (const server_failure&) {
      // If the connection is lost, the next statement says so.
    }
  }

  /// The connection, and the place in the line, are gone.
  void forget() {
    link_ = nullptr;
  }

private:
  server_link* link_ = nullptr;
};

} // namespace

session::session(target at, std::unique_ptr<server_link> link)
  : state_{std::move(at), std::move(link)},
    transaction_{state_} {
  // nop
}

caf::error session::write(const work_function& work) {
  return run(transaction_kind::write, work);
}

caf::error session::read(const work_function& work) {
  return run(transaction_kind::read, work);
}

caf::error session::run(transaction_kind what, const work_function& work) {
  auto line = scoped_line{};
  auto reconnected = false;
  for (auto number = 1;; ++number) {
    auto lost_race = number > tries_in_race;
    if (lost_race && !state_.link().is_pooled())
      line.join(state_.link());
    auto came_to = verdict::done;
    auto failure = try_once(what, lost_race, work, came_to);
    switch (came_to) {
      case verdict::done:
      case verdict::unknown:
        return failure;
      case verdict::conflict: {
        if (number == tries_max)
          return failure;
        auto most = std::min(1 << number, 100);
        auto pause = std::uniform_int_distribution{0, most}(random_);
        std::this_thread::sleep_for(milliseconds{pause});
        break;
      }
      case verdict::lost:
        line.forget();
        if (reconnected)
          return failure;
        reconnected = true;
        if (auto again = reconnect())
          return again;
    }
  }
}

void session::begin(transaction_kind what, bool lost_race) {
  auto& link = state_.link();
  auto writes = what == transaction_kind::write;
  auto statements = begin_statements(link, state_.at(),
                                     writes ? write_mode : read_mode);
  if (writes && link.is_pooled()) {
    if (lost_race)
      statements += stand_in_line;
    statements += on_disk;
  }
  link.run(statements);
}

caf::error session::try_once(transaction_kind what, bool lost_race,
                             const work_function& work, verdict& came_to) {
  try {
    begin(what, lost_race);
  } catch (const server_failure& thrown) {
    roll_back();
    return fail(thrown, came_to);
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
  if (!link)
    return link.error();
  state_.replace(std::move(*link));
  return caf::none;
}

} // namespace stravasync::postgres
