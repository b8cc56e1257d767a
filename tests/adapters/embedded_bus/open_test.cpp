#include "tests/adapters/embedded_bus/embedded_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch_test_macros.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace stravasync;
using namespace stravasync::test;

namespace {

struct open_fixture : embedded_fixture {
  /// Opens `file` and expects a refusal that names it.
  /// @returns the whole detail.
  std::string refusal(const std::string& file, ec expected = ec::unavailable) {
    options.path = file;
    auto opened = embedded_bus::open(options, log);
    REQUIRE_FALSE(opened);
    CHECK(code_of(opened.error()) == expected);
    auto detail = detail_of(opened.error());
    CHECK(detail.find(file) != std::string::npos);
    return detail;
  }
};

/// Opens in a process without rights of its own, root may write anything.
/// @returns whether that failed for `reason`.
bool refused_to_nobody(const std::string& file, const std::string& reason) {
  auto pid = ::fork();
  if (pid == 0) {
    constexpr auto nobody = uid_t{65'534};
    if (::geteuid() == 0 && ::setuid(nobody) != 0)
      ::_exit(2);
    log_lines log;
    auto opened = embedded_bus::open({.path = file}, log);
    auto good = !opened
                && detail_of(opened.error()).find(reason) != std::string::npos;
    ::_exit(good ? 0 : 1);
  }
  auto status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status)
         && WEXITSTATUS(status) == 0;
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(open_fixture, "a missing folder is an error",
                 "[embedded_bus]") {
  CHECK(has(refusal(folder.file("none/bus.db")), "unable to open"));
}

TEST_CASE_METHOD(open_fixture, "a folder in the file's place is an error",
                 "[embedded_bus]") {
  std::filesystem::create_directory(path());
  CHECK(has(refusal(path()), "unable to open"));
}

TEST_CASE_METHOD(open_fixture, "what cannot be written is an error",
                 "[embedded_bus]") {
  open();
  close();
  using std::filesystem::perms;
  auto read = perms::owner_read | perms::group_read | perms::others_read;
  auto enter = perms::owner_exec | perms::group_exec | perms::others_exec;
  std::filesystem::permissions(path(), read);
  std::filesystem::permissions(folder.path(), read | enter);
  CHECK(refused_to_nobody(path(), "cannot be written"));
  CHECK(refused_to_nobody(folder.file("new.db"), "unable to open"));
  std::filesystem::permissions(folder.path(), perms::owner_all);
}

TEST_CASE_METHOD(open_fixture, "a file that is no database is an error",
                 "[embedded_bus]") {
  std::ofstream{path()} << std::string(10'000, 'x');
  CHECK(has(refusal(path(), ec::malformed), "not a database"));
  CHECK(std::filesystem::file_size(path()) == 10'000);
}

TEST_CASE_METHOD(open_fixture, "another application's database is left alone",
                 "[embedded_bus]") {
  SQLite::Database{path(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
    "CREATE TABLE athlete(id INTEGER)");
  CHECK(has(refusal(path(), ec::conflict), "another application"));
  auto db = SQLite::Database{path()};
  CHECK(db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 1);
}

TEST_CASE_METHOD(open_fixture, "a newer version's database is an error",
                 "[embedded_bus]") {
  open();
  close();
  SQLite::Database{path(), SQLite::OPEN_READWRITE}.exec(
    "PRAGMA user_version=99");
  CHECK(has(refusal(path(), ec::conflict), "version 99"));
}

TEST_CASE_METHOD(open_fixture, "a bus's files are its owner's only",
                 "[embedded_bus]") {
  open();
  REQUIRE(bus.ensure(jobs_stream));
  for (const auto* suffix : {"", "-wal"}) {
    auto mode = std::filesystem::status(path() + suffix).permissions();
    CHECK(static_cast<unsigned>(mode) == 0600);
  }
}

TEST_CASE_METHOD(open_fixture, "a database has one bus at a time",
                 "[embedded_bus]") {
  open();
  CHECK(has(refusal(path()), "another process"));
  close();
  open();
  CHECK(bus.ensure(jobs_stream));
}
