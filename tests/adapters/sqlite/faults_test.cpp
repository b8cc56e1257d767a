#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <SQLiteCpp/Database.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace stravasync::sqlite {

namespace {

struct faults_fixture : sqlite_fixture {
  std::unique_ptr<store_session> session;

  faults_fixture() {
    make_database();
    session = open();
    REQUIRE_FALSE(add_athlete(*session));
    REQUIRE_FALSE(add_activities(*session, 1, 50));
  }

  void check_gone() {
    auto count = count_activities(*session);
    REQUIRE_FALSE(count);
    auto failures = {count.error(), add_activities(*session, 1'000, 1)};
    for (const auto& failure : failures) {
      CHECK(code_of(failure) == ec::unavailable);
      CHECK(mentions(failure, "the database file " + opts.path
                                + " was deleted or replaced"));
    }
  }
};

/// A small file system of its own, while it lives.
class tiny_disk {
public:
  explicit tiny_disk(std::string path) : path_{std::move(path)} {
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }

  tiny_disk(const tiny_disk&) = delete;
  tiny_disk& operator=(const tiny_disk&) = delete;

  ~tiny_disk() {
    if (mounted_)
      ::umount2(path_.c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool mounted() const {
    return mounted_;
  }

private:
  std::string path_;
  bool mounted_ = false;
};

} // namespace

TEST_CASE_METHOD(faults_fixture, "a database deleted while in use is noticed "
                                 "at once") {
  std::filesystem::remove(opts.path);
  check_gone();
  CHECK(code_of(problem()) == ec::unavailable);
  CHECK_FALSE(std::filesystem::exists(opts.path));
}

TEST_CASE_METHOD(faults_fixture, "a database replaced while in use is noticed, "
                                 "and a new session uses the new one") {
  auto other = opts;
  other.path = folder.file("other.db");
  other.create = true;
  REQUIRE(migrate(other));
  std::filesystem::rename(other.path, opts.path);
  check_gone();
  session.reset();
  std::filesystem::remove(opts.path + "-wal");
  session = open();
  CHECK(*count_activities(*session) == 0);
}

TEST_CASE_METHOD(faults_fixture, "a deleted database can be made anew although "
                                 "old files are left beside it") {
  std::filesystem::remove(opts.path);
  REQUIRE(std::filesystem::exists(opts.path + "-wal"));
  auto fresh = open_session(creating());
  REQUIRE(fresh);
  CHECK(*count_activities(**fresh) == 0);
  CHECK_FALSE(add_athlete(**fresh));
  CHECK_FALSE(add_activities(**fresh, 1, 10));
  CHECK(*count_activities(**fresh) == 10);
}

TEST_CASE_METHOD(faults_fixture, "damage in the middle of the file is an error "
                                 "and no crash") {
  session.reset();
  auto size = std::filesystem::file_size(opts.path);
  {
    auto file = std::fstream{opts.path,
                             std::ios::in | std::ios::out | std::ios::binary};
    constexpr auto page = 4'096;
    file.seekp(page);
    auto garbage = std::string(static_cast<std::size_t>(size) - page, '\xa5');
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
  }
  auto damaged = open_session(opts);
  auto failure = damaged ? count_activities(**damaged).error()
                         : damaged.error();
  CHECK(code_of(failure) == (damaged ? ec::unavailable : ec::malformed));
  CHECK(mentions(failure, "the database " + opts.path + " is damaged"));
  damaged = failure;
  auto start = migrate(opts);
  REQUIRE_FALSE(start);
  CHECK(code_of(start.error()) == ec::malformed);
  CHECK(mentions(start.error(), "is damaged"));
}

TEST_CASE_METHOD(faults_fixture, "damage is found at the start, with what to "
                                 "do") {
  REQUIRE_FALSE(add_activities(*session, 1'000, 300));
  session.reset();
  auto is_refused = [&](std::string_view finding) {
    auto start = migrate(opts);
    REQUIRE_FALSE(start);
    INFO(detail_of(start.error()));
    CHECK(code_of(start.error()) == ec::malformed);
    CHECK(mentions(start.error(), "the database " + opts.path + " is damaged"));
    CHECK(mentions(start.error(), finding));
    CHECK(mentions(start.error(), "replay --stream INGEST"));
  };
  SECTION("of a page") {
    auto file = std::fstream{opts.path,
                             std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(-16'384, std::ios::end);
    file << std::string(8'192, '\xaa');
    file.close();
    is_refused("");
  }
  SECTION("of a table") {
    SQLite::Database{opts.path, SQLite::OPEN_READWRITE}.exec(
      "DROP TABLE outbox");
    is_refused("no such table: outbox");
  }
  SECTION("of a column") {
    SQLite::Database{opts.path, SQLite::OPEN_READWRITE}.exec(
      "ALTER TABLE sync_run RENAME COLUMN reason TO r");
    is_refused("reason");
  }
}

TEST_CASE_METHOD(faults_fixture, "a table or column that goes under way is the "
                                 "operator's") {
  auto change = [&](const std::string& sql) {
    SQLite::Database{opts.path, SQLite::OPEN_READWRITE}.exec(sql);
  };
  auto is_said = [&](const caf::error& failure, std::string_view what) {
    INFO(detail_of(failure));
    CHECK(code_of(failure) == ec::denied);
    CHECK(mentions(failure,
                   "the database " + opts.path + " lacks a table or column: "));
    CHECK(mentions(failure, what));
  };
  auto list = [&] {
    return session->read([](transaction& tx) -> caf::error {
      auto rows = tx.activities().list({});
      return rows ? caf::error{} : rows.error();
    });
  };
  change("ALTER TABLE activity RENAME TO elsewhere");
  is_said(list(), "no such table: activity");
  is_said(add_activities(*session, 1'000, 1), "no such table: activity");
  change("ALTER TABLE elsewhere RENAME TO activity");
  CHECK_FALSE(list());
  change("ALTER TABLE activity RENAME COLUMN name TO elsewhere");
  is_said(list(), "name");
  is_said(add_activities(*session, 1'000, 1), "name");
  change("ALTER TABLE activity RENAME COLUMN elsewhere TO name");
  CHECK_FALSE(add_activities(*session, 1'000, 1));
}

TEST_CASE_METHOD(faults_fixture, "a writer who waits too long for another "
                                 "process gives up with the reason") {
  opts.busy_timeout = std::chrono::milliseconds{20};
  auto waiting = open();
  auto other = SQLite::Database{opts.path, SQLite::OPEN_READWRITE};
  other.exec("BEGIN IMMEDIATE");
  auto failure = add_activities(*waiting, 1'000, 1);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(retry_after_of(failure));
  CHECK(mentions(failure, "another process keeps the database " + opts.path
                            + " locked"));
  CHECK(*count_activities(*waiting) == 50);
  other.exec("ROLLBACK");
  CHECK_FALSE(add_activities(*waiting, 1'000, 1));
  CHECK(*count_activities(*waiting) == 51);
}

TEST_CASE_METHOD(sqlite_fixture, "a full disk fails a write as a whole and the "
                                 "store goes on once there is room") {
  auto disk = tiny_disk{folder.path()};
  if (!disk.mounted())
    SKIP("cannot mount a small file system: " << std::strerror(errno));
  make_database();
  auto session = open();
  REQUIRE_FALSE(add_athlete(*session));
  {
    auto filler = std::ofstream{folder.file("filler")};
    filler << std::string(500'000, 'x');
  }
  constexpr auto batch = 20;
  auto stored = 0;
  auto failure = caf::error{};
  while (!failure && stored < 10'000) {
    failure = add_activities(*session, stored + 1, batch, 2'000);
    if (!failure)
      stored += batch;
  }
  REQUIRE(stored > 0);
  CHECK(code_of(failure) == ec::unavailable);
  CHECK(mentions(failure, "no room left on the disk"));
  CHECK(*count_activities(*session) == stored);
  std::filesystem::remove(folder.file("filler"));
  CHECK_FALSE(add_activities(*session, stored + 1, batch, 2'000));
  CHECK(*count_activities(*session) == stored + batch);
  session.reset();
  session = open();
  CHECK(*count_activities(*session) == stored + batch);
}

} // namespace stravasync::sqlite
