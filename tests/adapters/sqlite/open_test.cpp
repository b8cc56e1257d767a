#include "tests/adapters/sqlite/sqlite_fixture.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace stravasync::sqlite {

namespace {

/// Runs `check` in a child process as a user without privileges.
/// @returns whether it said yes.
template <class Check>
bool as_nobody(Check check) {
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    constexpr auto nobody = ::uid_t{65'534};
    auto yes = ::setresuid(nobody, nobody, nobody) == 0 && check();
    ::_exit(yes ? 0 : 1);
  }
  auto status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE_METHOD(sqlite_fixture, "a missing database is an error, not a new "
                                 "one") {
  CHECK(code_of(problem()) == ec::unavailable);
  CHECK(mentions(problem(), opts.path + ": No such file or directory"));
  CHECK_FALSE(std::filesystem::exists(opts.path));
}

TEST_CASE_METHOD(sqlite_fixture, "a database cannot be made where no file can "
                                 "be") {
  opts.path = folder.file("missing/store.db");
  CHECK(mentions(migrate(creating()).error(),
                 "cannot create the database " + opts.path
                   + ": No such file or directory"));
  std::ofstream{folder.file("file")} << "x";
  opts.path = folder.file("file/store.db");
  CHECK(mentions(migrate(creating()).error(), "Not a directory"));
  opts.path = folder.path();
  CHECK(mentions(migrate(creating()).error(), "Is a directory"));
  // Waiting would not help.
  CHECK(code_of(migrate(creating()).error()) == ec::invalid_argument);
  opts.path = "";
  CHECK(code_of(migrate(creating()).error()) == ec::unavailable);
}

TEST_CASE_METHOD(sqlite_fixture, "a file that is no database is refused and "
                                 "left alone") {
  auto text = std::string(10'000, 'x');
  std::ofstream{opts.path} << text;
  for (const auto& failure : {problem(), migrate(creating()).error()}) {
    CHECK(code_of(failure) == ec::malformed);
    CHECK(mentions(failure, opts.path + " is not a SQLite database"));
  }
  CHECK(std::filesystem::file_size(opts.path) == text.size());
}

TEST_CASE_METHOD(sqlite_fixture, "a database without permission to write is "
                                 "refused with the reason") {
  if (::geteuid() != 0)
    SKIP("needs root to become another user");
  make_database();
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  CHECK(as_nobody([&] {
    auto failure = open_session(opts).error();
    return code_of(failure) == ec::unavailable
           && mentions(failure, opts.path + ": Permission denied");
  }));
  REQUIRE(::chmod(opts.path.c_str(), 0666) == 0);
  CHECK(as_nobody([&] {
    auto failure = open_session(opts).error();
    return code_of(failure) == ec::unavailable
           && mentions(failure, "its folder " + folder.path()
                                  + " is not writable: Permission denied");
  }));
  CHECK(as_nobody([&] {
    opts.path = folder.file("new.db");
    auto failure = migrate(creating()).error();
    return mentions(failure, "cannot create the database " + opts.path
                               + ": Permission denied");
  }));
}

} // namespace stravasync::sqlite
