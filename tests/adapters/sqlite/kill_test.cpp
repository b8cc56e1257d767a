#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <SQLiteCpp/Database.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

namespace stravasync::sqlite {

namespace {

constexpr auto batch = 20;

/// Stores batch after batch, each with an outbox row in the same transaction,
/// and writes a byte to `acks` after each commit. Never returns.
[[noreturn]] void
write_until_killed(const options& opts, std::int64_t from, int acks) {
  auto session = open_session(opts);
  if (!session)
    ::_exit(1);
  for (auto number = from;; ++number) {
    auto rows = std::vector<activity>{};
    for (auto i = 0; i < batch; ++i)
      rows.push_back(contract::make_activity(number * 1'000 + i, 1));
    auto failure = (*session)->write([&](transaction& tx) {
      if (auto done = tx.activities().upsert_many(rows); !done)
        return done.error();
      auto name = std::to_string(number);
      auto queued = tx.outbox().create(contract::make_message(name));
      return queued ? caf::error{} : queued.error();
    });
    if (failure || ::write(acks, "!", 1) != 1)
      ::_exit(1);
  }
}

/// Reads `wanted` bytes, then whatever else is there at the end of the writer.
/// @returns how many it read.
int read_acks(int fd, int wanted, ::pid_t writer) {
  auto count = 0;
  auto byte = char{};
  while (count < wanted && ::read(fd, &byte, 1) == 1)
    ++count;
  ::kill(writer, SIGKILL);
  while (::read(fd, &byte, 1) == 1)
    ++count;
  return count;
}

} // namespace

TEST_CASE_METHOD(sqlite_fixture, "a writer killed at any moment loses no "
                                 "committed batch and leaves no half of one") {
  make_database();
  REQUIRE_FALSE(add_athlete(*open()));
  auto random = std::mt19937{20'261'121};
  auto acked = std::int64_t{0};
  auto batches = std::int64_t{0};
  for (auto round = 0; round < 20; ++round) {
    auto pipe = std::array<int, 2>{};
    REQUIRE(::pipe(pipe.data()) == 0);
    auto writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0)
      write_until_killed(opts, batches, pipe[1]);
    ::close(pipe[1]);
    auto wanted = std::uniform_int_distribution{0, 12}(random);
    acked += read_acks(pipe[0], wanted, writer);
    ::close(pipe[0]);
    auto status = 0;
    REQUIRE(::waitpid(writer, &status, 0) == writer);
    REQUIRE(WIFSIGNALED(status));

    auto session = open();
    auto activities = count_activities(*session);
    REQUIRE(activities);
    auto outbox = std::vector<outbox_message>{};
    REQUIRE_FALSE(session->read([&](transaction& tx) {
      outbox = *tx.queries().unsent(1'000'000);
      return caf::error{};
    }));
    batches = static_cast<std::int64_t>(outbox.size());
    CHECK(*activities == batches * batch);
    CHECK(batches >= acked);
    // At most the one commit of each round whose ack did not get out.
    CHECK(batches <= acked + round + 1);
  }
  REQUIRE(acked > 0);
  auto database = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
  CHECK(database.execAndGet("PRAGMA integrity_check").getString() == "ok");
  CHECK(database.execAndGet("SELECT count(*) FROM pragma_foreign_key_check")
          .getInt()
        == 0);
}

} // namespace stravasync::sqlite
